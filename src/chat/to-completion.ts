import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions';
import type { TurnEvent, TurnFinish } from '../claude-cli/turn.ts';
import type { AnswerIdentity } from './answer-identity.ts';
import { mapFinishReason, REFUSAL_TEXT, type CallForm } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

/** OpenAI's message, with the field in which other providers hand out thinking. */
type Message = ChatCompletionMessage & { reasoning_content?: string };

interface CollectedCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
}

/** Collects the events of a turn until they make one chat completion. */
export class CompletionCollector {
  private text = '';
  private reasoning = '';
  private readonly calls: CollectedCall[] = [];

  constructor(
    private readonly identity: AnswerIdentity,
    private readonly callForm: CallForm,
  ) {}

  /** Takes an event; the completion once it was the last. */
  accept(event: TurnEvent): ChatCompletion | undefined {
    switch (event.type) {
      case 'start':
        return undefined;
      case 'text-delta':
        this.text += event.text;
        return undefined;
      case 'reasoning-delta':
        this.reasoning += event.text;
        return undefined;
      case 'tool-call-start':
        this.calls[event.index] = { id: event.id, name: event.name, arguments: '' };
        return undefined;
      case 'tool-call-delta': {
        const call = this.calls[event.index];
        if (call) call.arguments += event.json;
        return undefined;
      }
      case 'finish':
        return this.completion(event);
    }
  }

  private completion(finish: TurnFinish): ChatCompletion {
    return {
      id: this.identity.id,
      object: 'chat.completion',
      created: this.identity.created,
      model: finish.model,
      choices: [
        {
          index: 0,
          message: this.message(finish),
          logprobs: null,
          finish_reason: mapFinishReason(finish.reason, this.callForm),
        },
      ],
      usage: mapUsage(finish.usage),
      system_fingerprint: null as unknown as string,
    };
  }

  private message(finish: TurnFinish): Message {
    return {
      role: 'assistant',
      content: this.text === '' && (this.calls.length > 0 || finish.reason === 'refusal') ? null : this.text,
      refusal: finish.reason === 'refusal' ? REFUSAL_TEXT : null,
      ...(this.reasoning !== '' && { reasoning_content: this.reasoning }),
      ...this.callFields(),
    };
  }

  private callFields(): Pick<Message, 'tool_calls' | 'function_call'> {
    const [first] = this.calls;
    if (!first) return {};
    if (this.callForm === 'functions') return { function_call: { name: first.name, arguments: argumentsOf(first) } };
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
