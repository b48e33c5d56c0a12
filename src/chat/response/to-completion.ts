import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions';
import type { AnswerCollector } from '../../answers/door/prepared-answer.ts';
import type { TurnEvent, TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerIdentity } from './answer-identity.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import { mapFinishReason, REFUSAL_TEXT, type CallForm } from './map-finish-reason.ts';
import { mapAnswerUsage, type AnswerUsage } from '../../openai/map-usage.ts';

/** OpenAI's message, with the field in which other providers hand out thinking. */
type Message = ChatCompletionMessage & { reasoning_content?: string };

/** OpenAI's completion, with the conversation that it belongs to. */
export type Completion = ChatCompletion & { conversation_id?: string; usage: AnswerUsage };

interface CollectedCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
}

/** Collects the events of an answer until they make one chat completion. */
export class CompletionCollector implements AnswerCollector {
  readonly totals = new AnswerTotals();
  private readonly choices: ChoiceCollector[] = [];

  constructor(
    private readonly identity: AnswerIdentity,
    private readonly callForm: CallForm,
  ) {}

  accept(answerEvent: AnswerEvent): void {
    this.totals.accept(answerEvent);
    (this.choices[answerEvent.choice] ??= new ChoiceCollector()).accept(answerEvent.event);
  }

  /** The completion, once every choice has finished. */
  get body(): Completion {
    return {
      id: this.identity.id,
      object: 'chat.completion',
      created: this.identity.created,
      model: this.totals.model,
      choices: this.choices.flatMap((choice, index) => choice.result(index, this.callForm)),
      usage: mapAnswerUsage(this.totals),
      ...(this.identity.conversationId !== undefined && { conversation_id: this.identity.conversationId }),
    };
  }
}

/** Collects one choice. */
class ChoiceCollector {
  private text = '';
  private reasoning = '';
  private readonly calls: CollectedCall[] = [];
  private finish: TurnFinish | undefined;

  accept(event: TurnEvent): void {
    switch (event.type) {
      case 'start':
      case 'block-start':
      case 'block-end':
        return;
      case 'text-delta':
        this.text += event.text;
        return;
      case 'reasoning-delta':
        this.reasoning += event.text;
        return;
      case 'tool-call-start':
        this.calls[event.index] = { id: event.id, name: event.name, arguments: '' };
        return;
      case 'tool-call-delta': {
        const call = this.calls[event.index];
        if (call) call.arguments += event.json;
        return;
      }
      case 'finish':
        this.finish = event;
    }
  }

  /** Nothing until the choice has finished. */
  result(index: number, callForm: CallForm): ChatCompletion.Choice[] {
    const { finish } = this;
    if (!finish) return [];
    const reason = mapFinishReason(finish.reason, callForm);
    return [{ index, message: this.message(finish, callForm), logprobs: null, finish_reason: reason }];
  }

  private message(finish: TurnFinish, callForm: CallForm): Message {
    return {
      role: 'assistant',
      content: this.text === '' && (this.calls.length > 0 || finish.reason === 'refusal') ? null : this.text,
      refusal: finish.reason === 'refusal' ? REFUSAL_TEXT : null,
      annotations: [],
      ...(this.reasoning !== '' && { reasoning_content: this.reasoning }),
      ...this.callFields(callForm),
    };
  }

  private callFields(callForm: CallForm): Pick<Message, 'tool_calls' | 'function_call'> {
    const [first] = this.calls;
    if (!first) return {};
    if (callForm === 'functions') return { function_call: { name: first.name, arguments: argumentsOf(first) } };
    return {
      tool_calls: this.calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: argumentsOf(call) },
      })),
    };
  }
}

/** A call without arguments is an empty object to clients that parse it. */
function argumentsOf(call: CollectedCall): string {
  return call.arguments === '' ? '{}' : call.arguments;
}
