import type { TurnEvent, TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import type { ThinkingBlock } from '../../turns/thinking/without-thinking.ts';
import type { OfferedTools } from '../request/offered-tools.ts';
import {
  callItem,
  closedCall,
  closedMessage,
  deltaType,
  place,
  summaryPart,
  textPart,
  thinkingBlock,
  type OpenBase,
  type OpenItem,
  type OpenReasoning,
  type ResponseEvent,
} from './open-item.ts';
import { outputItemId } from './response-ids.ts';
import {
  toResponseError,
  toResponseUsage,
  type ItemStatus,
  type OutputItem,
  type ReasoningItem,
  type ResponseEcho,
  type ResponseObject,
  type ResponseStatus,
} from './response-object.ts';
import { TextArgument } from './text-argument.ts';

export interface ResponseBuilderOptions {
  readonly id: string;
  /** Unix time in seconds. */
  readonly createdAt: number;
  /** The model as the client named it, until the one that answers is known. */
  readonly requestedModel: string;
  readonly echo: ResponseEcho;
  readonly tools: OfferedTools;
  /** Makes thinking a text that can be given back; undefined where the client does not ask for it. */
  readonly seal: ((block: ThinkingBlock) => string) | undefined;
}

/**
 * Makes a response of the events of an answer: the events of its stream one by one, and the whole, of which both are the
 * same items with the same ids. The events stand in the order that the strictest client wants: an item is added before
 * anything of it comes, and done once.
 */
export class ResponseBuilder {
  readonly totals = new AnswerTotals();
  /** The thinking behind the reasoning items, by their ids. */
  readonly thinking = new Map<string, ThinkingBlock>();
  private readonly output: OutputItem[] = [];
  private model: string;
  private hasBegun = false;
  private open: OpenItem | undefined;
  /** The block of text or reasoning that has begun and given nothing yet. */
  private silentBlock: number | undefined;
  private status: ResponseStatus = 'in_progress';
  private incomplete: ResponseObject['incomplete_details'] = null;
  private error: ResponseObject['error'] = null;
  private completedAt: number | null = null;
  private lastEvents: ResponseEvent[] | undefined;

  constructor(private readonly options: ResponseBuilderOptions) {
    this.model = options.requestedModel;
  }

  get id(): string {
    return this.options.id;
  }

  /** The events that one of the answer gives rise to. The last one of an answer can be asked for again. */
  accept(answerEvent: AnswerEvent): ResponseEvent[] {
    const { event } = answerEvent;
    if (event.type === 'start') {
      this.model = event.model;
      return [];
    }
    if (event.type === 'finish') {
      if (!this.lastEvents) this.totals.accept(answerEvent);
      return (this.lastEvents ??= this.finish(event));
    }
    return this.take(event);
  }

  /** What ends a stream that has failed on the way. */
  fail(error: GatewayError): ResponseEvent[] {
    const closed = this.close('incomplete');
    this.status = 'failed';
    this.error = toResponseError(error);
    return [...this.begin(), ...closed, this.whole('response.failed')];
  }

  /** The response as far as it has come. */
  get response(): ResponseObject {
    const { id, createdAt, echo } = this.options;
    const isDone = this.status === 'completed' || this.status === 'incomplete';
    return {
      id,
      object: 'response',
      created_at: createdAt,
      completed_at: this.completedAt,
      status: this.status,
      background: false,
      error: this.error,
      incomplete_details: this.incomplete,
      model: this.model,
      output: [...this.output],
      ...echo,
      usage: isDone ? toResponseUsage(this.totals) : null,
    };
  }

  private take(event: Exclude<TurnEvent, { type: 'start' | 'finish' }>): ResponseEvent[] {
    switch (event.type) {
      case 'block-start': {
        if (event.kind !== 'redacted') {
          this.silentBlock = event.index;
          return this.close();
        }
        const closed = this.close();
        this.open = { ...this.next('reasoning', event.index), kind: 'reasoning', text: '', signature: undefined, data: event.data }; // prettier-ignore
        return [...this.begin(), ...closed, this.added(this.reasoningItem(this.open, []))];
      }
      case 'block-end':
        return this.endBlock(event.index, event.signature);
      case 'text-delta':
        return this.text(event.text);
      case 'reasoning-delta':
        return this.reasoning(event.text);
      case 'tool-call-start':
        return this.call(event.index, event.id, event.name);
      case 'tool-call-delta':
        return this.callArguments(event.index, event.json);
    }
  }

  private text(delta: string): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.open?.kind !== 'message' || this.open.hasEnded) {
      events.push(...this.begin(), ...this.close());
      this.open = { ...this.next('message', this.silentBlock), kind: 'message', text: '' };
      const { id, index } = this.open;
      events.push(this.added({ id, type: 'message', status: 'in_progress', role: 'assistant', content: [] }), {
        type: 'response.content_part.added',
        ...place(id, index),
        content_index: 0,
        part: textPart(''),
      });
    }
    const { id, index } = this.open;
    this.open.text += delta;
    events.push({ type: 'response.output_text.delta', ...place(id, index), content_index: 0, delta, logprobs: [] });
    return events;
  }

  private reasoning(delta: string): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.open?.kind !== 'reasoning' || this.open.hasEnded || this.open.data !== undefined) {
      events.push(...this.begin(), ...this.close(), ...this.openReasoning(this.silentBlock));
    }
    const open = this.open as OpenReasoning;
    const at = { ...place(open.id, open.index), summary_index: 0 };
    if (open.text === '') events.push({ type: 'response.reasoning_summary_part.added', ...at, part: summaryPart('') });
    open.text += delta;
    events.push({ type: 'response.reasoning_summary_text.delta', ...at, delta });
    return events;
  }

  private openReasoning(block: number | undefined): ResponseEvent[] {
    this.open = {
      ...this.next('reasoning', block),
      kind: 'reasoning',
      text: '',
      signature: undefined,
      data: undefined,
    };
    return [this.added(this.reasoningItem(this.open, []))];
  }

  private call(callIndex: number, callId: string, name: string): ResponseEvent[] {
    const events = [...this.begin(), ...this.close()];
    const { kind, name: clientName, namespace } = this.options.tools.clientTool(name);
    const type = kind === 'custom' ? 'custom_tool_call' : 'function_call';
    const base = this.next(type, this.silentBlock);
    const named = { call_id: callId, name: clientName, ...(namespace !== undefined && { namespace }) };
    const argument = kind === 'custom' ? new TextArgument() : undefined;
    this.open = { ...base, kind: 'call', callIndex, item: { id: base.id, type, ...named }, json: '', argument };
    return [...events, this.added(callItem(this.open, 'in_progress', ''))];
  }

  private callArguments(callIndex: number, json: string): ResponseEvent[] {
    const { open } = this;
    if (open?.kind !== 'call' || open.callIndex !== callIndex) return [];
    open.json += json;
    const delta = open.argument ? open.argument.push(json) : json;
    return delta === '' ? [] : [{ type: `${deltaType(open)}.delta`, ...place(open.id, open.index), delta }];
  }

  private endBlock(block: number, signature: string | undefined): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    // Thinking that is not shown has a signature all the same.
    if (signature && this.silentBlock === block && this.open?.block !== block) {
      events.push(...this.begin(), ...this.close(), ...this.openReasoning(block));
    }
    if (this.open?.block === block) {
      this.open.hasEnded = true;
      if (this.open.kind === 'reasoning') this.open.signature = signature;
    }
    if (this.silentBlock === block) this.silentBlock = undefined;
    return events;
  }

  private finish({ reason, model }: TurnFinish): ResponseEvent[] {
    this.model = model;
    const isCut = reason === 'length' || reason === 'refusal';
    const events = [...this.begin(), ...this.close(isCut ? 'incomplete' : 'completed')];
    this.status = isCut ? 'incomplete' : 'completed';
    if (isCut) this.incomplete = { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' };
    else this.completedAt = Math.floor(Date.now() / 1000);
    return [...events, this.whole(isCut ? 'response.incomplete' : 'response.completed')];
  }

  private begin(): ResponseEvent[] {
    if (this.hasBegun) return [];
    this.hasBegun = true;
    const { response } = this;
    return [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ];
  }

  private whole(type: string): ResponseEvent {
    return { type, response: this.response };
  }

  private next(type: OutputItem['type'], block: number | undefined): OpenBase {
    const index = this.output.length;
    return { id: outputItemId(this.options.id, type, index), index, block, hasEnded: false };
  }

  private added(item: OutputItem): ResponseEvent {
    return { type: 'response.output_item.added', output_index: this.output.length, item };
  }

  /** Completes the item that is open, if one is. */
  private close(status: ItemStatus = 'completed'): ResponseEvent[] {
    const { open } = this;
    if (!open) return [];
    this.open = undefined;
    const [item, events] = this.closed(open, status);
    this.output.push(item);
    return [...events, { type: 'response.output_item.done', output_index: open.index, item }];
  }

  private closed(open: OpenItem, status: ItemStatus): [OutputItem, ResponseEvent[]] {
    const at = place(open.id, open.index);
    switch (open.kind) {
      case 'message':
        return closedMessage(open, status);
      case 'reasoning': {
        const block = thinkingBlock(open);
        if (block) this.thinking.set(open.id, block);
        if (open.text === '') return [this.reasoningItem(open, []), []];
        const part = summaryPart(open.text);
        return [
          this.reasoningItem(open, [part]),
          [
            { type: 'response.reasoning_summary_text.done', ...at, summary_index: 0, text: open.text },
            { type: 'response.reasoning_summary_part.done', ...at, summary_index: 0, part },
          ],
        ];
      }
      case 'call':
        return closedCall(open, status);
    }
  }

  private reasoningItem(open: OpenReasoning, summary: ReasoningItem['summary']): ReasoningItem {
    const { seal } = this.options;
    const block = open.hasEnded || open.data !== undefined ? thinkingBlock(open) : undefined;
    const encrypted = seal && { encrypted_content: block ? seal(block) : null };
    return { id: open.id, type: 'reasoning', summary, ...encrypted };
  }
}
