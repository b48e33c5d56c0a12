import type { TurnEvent, TurnFinish } from '../claude-cli/turn.ts';
import type { AnswerIdentity } from './answer-identity.ts';
import { mapFinishReason, REFUSAL_TEXT, type CallForm } from './map-finish-reason.ts';
import { mapUsage } from './map-usage.ts';

export interface ChunkOptions {
  readonly identity: AnswerIdentity;
  readonly callForm: CallForm;
  /** Whether a last chunk tells the usage; the others then carry `usage: null`. */
  readonly includesUsage: boolean;
}

/**
 * Turns the events of a turn into the JSON of chat completion chunks. What is equal in all of them is put together once,
 * since a chunk is made for every few characters of an answer.
 */
export class ChunkEncoder {
  private prefix = '';
  private readonly suffix: string;
  private hasBegun = false;
  /** The call that came last, while it has no arguments. */
  private bareCall: number | undefined;

  constructor(private readonly options: ChunkOptions) {
    this.suffix = options.includesUsage ? ',"usage":null}' : '}';
  }

  /** The chunks that an event gives rise to, none for some. The role comes before anything else. */
  encode(event: TurnEvent): string[] {
    switch (event.type) {
      case 'start':
        this.begin(event.model);
        return [];
      case 'text-delta':
        return this.delta(`{"content":${JSON.stringify(event.text)}}`);
      case 'reasoning-delta':
        return this.delta(`{"reasoning_content":${JSON.stringify(event.text)}}`);
      case 'tool-call-start': {
        const bare = this.endBareCall();
        if (!this.isHandedOut(event.index)) return bare;
        this.bareCall = event.index;
        return [...bare, ...this.delta(this.callStart(event.index, event.id, event.name))];
      }
      case 'tool-call-delta':
        if (!this.isHandedOut(event.index)) return [];
        if (this.bareCall === event.index) this.bareCall = undefined;
        return this.delta(this.callArguments(event.index, event.json));
      case 'finish':
        return this.finish(event);
    }
  }

  private begin(model: string): void {
    const { id, created } = this.options.identity;
    const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model, system_fingerprint: null });
    this.prefix = `${head.slice(0, -1)},"choices":`;
  }

  private delta(delta: string): string[] {
    const chunk = this.chunk(delta, 'null');
    if (this.hasBegun) return [chunk];
    this.hasBegun = true;
    return [this.chunk('{"role":"assistant","content":"","refusal":null}', 'null'), chunk];
  }

  /** A `function_call` can only be one. */
  private isHandedOut(index: number): boolean {
    return this.options.callForm === 'tools' || index === 0;
  }

  /** A call without arguments is an empty object to clients that parse it. */
  private endBareCall(): string[] {
    const index = this.bareCall;
    this.bareCall = undefined;
    return index === undefined ? [] : this.delta(this.callArguments(index, '{}'));
  }

  private callStart(index: number, id: string, name: string): string {
    if (this.options.callForm === 'functions') return JSON.stringify({ function_call: { name, arguments: '' } });
    return JSON.stringify({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
  }

  private callArguments(index: number, json: string): string {
    if (this.options.callForm === 'functions') return JSON.stringify({ function_call: { arguments: json } });
    return JSON.stringify({ tool_calls: [{ index, function: { arguments: json } }] });
  }

  private finish(event: TurnFinish): string[] {
    if (this.prefix === '') this.begin(event.model);
    const reason = mapFinishReason(event.reason, this.options.callForm);
    const bare = this.endBareCall();
    const refusal = event.reason === 'refusal' ? this.delta(JSON.stringify({ refusal: REFUSAL_TEXT })) : [];
    const role = this.hasBegun ? [] : this.delta('{}').slice(0, 1);
    const last = this.chunk('{}', JSON.stringify(reason));
    const usage = this.options.includesUsage
      ? [`${this.prefix}[],"usage":${JSON.stringify(mapUsage(event.usage))}}`]
      : [];
    return [...bare, ...refusal, ...role, last, ...usage];
  }

  private chunk(delta: string, finishReason: string): string {
    return `${this.prefix}[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finishReason}}]${this.suffix}`;
  }
}
