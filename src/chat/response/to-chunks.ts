import type { AnswerEncoder, StreamEvent } from '../../answers/door/prepared-answer.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { openAiErrorFormat } from '../../common/errors/openai-error-format.ts';
import type { TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerIdentity } from './answer-identity.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import { mapFinishReason, REFUSAL_TEXT, type CallForm } from './map-finish-reason.ts';
import { mapAnswerUsage } from '../../openai/map-usage.ts';

export interface ChunkOptions {
  readonly identity: AnswerIdentity;
  readonly callForm: CallForm;
  /** Whether a last chunk tells the usage; the others then carry `usage: null`. */
  readonly includesUsage: boolean;
}

/** How far a choice has come. */
interface ChoiceState {
  readonly index: number;
  hasBegun: boolean;
  /** The call that came last, while it has no arguments. */
  bareCall: number | undefined;
}

/**
 * Turns the events of an answer into the JSON of chat completion chunks. What is equal in all of them is put together
 * once, since a chunk is made for every few characters of an answer.
 */
export class ChunkEncoder implements AnswerEncoder {
  private prefix = '';
  private readonly suffix: string;
  private readonly totals = new AnswerTotals();
  private readonly choices: ChoiceState[] = [];

  constructor(private readonly options: ChunkOptions) {
    this.suffix = options.includesUsage ? ',"usage":null}' : '}';
  }

  encode(answerEvent: AnswerEvent): StreamEvent[] {
    return this.chunks(answerEvent).map(toStreamEvent);
  }

  end(): StreamEvent[] {
    const usage = `${this.prefix}[],"usage":${JSON.stringify(mapAnswerUsage(this.totals))}}`;
    return [...(this.options.includesUsage ? [usage] : []), '[DONE]'].map(toStreamEvent);
  }

  /** The stream then ends without `[DONE]`. */
  fail(error: GatewayError): StreamEvent[] {
    return [toStreamEvent(JSON.stringify(openAiErrorFormat.body(error)))];
  }

  /** The chunks that an event gives rise to. Of a choice, the role comes before anything else. */
  private chunks(answerEvent: AnswerEvent): string[] {
    const { event } = answerEvent;
    const choice = (this.choices[answerEvent.choice] ??= {
      index: answerEvent.choice,
      hasBegun: false,
      bareCall: undefined,
    });
    switch (event.type) {
      case 'start':
        this.begin(event.model);
        return [];
      case 'block-start':
      case 'block-end':
        return [];
      case 'text-delta':
        return this.delta(choice, `{"content":${JSON.stringify(event.text)}}`);
      case 'reasoning-delta':
        return this.delta(choice, `{"reasoning_content":${JSON.stringify(event.text)}}`);
      case 'tool-call-start': {
        const bare = this.endBareCall(choice);
        if (!this.isHandedOut(event.index)) return bare;
        choice.bareCall = event.index;
        return [...bare, ...this.delta(choice, this.callStart(event.index, event.id, event.name))];
      }
      case 'tool-call-delta':
        if (!this.isHandedOut(event.index)) return [];
        if (choice.bareCall === event.index) choice.bareCall = undefined;
        return this.delta(choice, this.callArguments(event.index, event.json));
      case 'finish':
        this.totals.accept(answerEvent);
        return this.finish(choice, event);
    }
  }

  private begin(model: string): void {
    if (this.prefix !== '') return;
    const { id, created, conversationId } = this.options.identity;
    const head = JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      conversation_id: conversationId,
    });
    this.prefix = `${head.slice(0, -1)},"choices":`;
  }

  private delta(choice: ChoiceState, delta: string): string[] {
    const chunk = this.chunk(choice, delta, 'null');
    if (choice.hasBegun) return [chunk];
    choice.hasBegun = true;
    return [this.chunk(choice, '{"role":"assistant","content":"","refusal":null}', 'null'), chunk];
  }

  /** A `function_call` can only be one. */
  private isHandedOut(index: number): boolean {
    return this.options.callForm === 'tools' || index === 0;
  }

  /** A call without arguments is an empty object to clients that parse it. */
  private endBareCall(choice: ChoiceState): string[] {
    const index = choice.bareCall;
    choice.bareCall = undefined;
    return index === undefined ? [] : this.delta(choice, this.callArguments(index, '{}'));
  }

  private callStart(index: number, id: string, name: string): string {
    if (this.options.callForm === 'functions') return JSON.stringify({ function_call: { name, arguments: '' } });
    return JSON.stringify({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
  }

  private callArguments(index: number, json: string): string {
    if (this.options.callForm === 'functions') return JSON.stringify({ function_call: { arguments: json } });
    return JSON.stringify({ tool_calls: [{ index, function: { arguments: json } }] });
  }

  private finish(choice: ChoiceState, event: TurnFinish): string[] {
    this.begin(event.model);
    const reason = mapFinishReason(event.reason, this.options.callForm);
    const bare = this.endBareCall(choice);
    const refusal = event.reason === 'refusal' ? this.delta(choice, JSON.stringify({ refusal: REFUSAL_TEXT })) : [];
    const role = choice.hasBegun ? [] : this.delta(choice, '{}').slice(0, 1);
    return [...bare, ...refusal, ...role, this.chunk(choice, '{}', JSON.stringify(reason))];
  }

  private chunk({ index }: ChoiceState, delta: string, finishReason: string): string {
    return `${this.prefix}[{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]${this.suffix}`;
  }
}

function toStreamEvent(data: string): StreamEvent {
  return { data };
}
