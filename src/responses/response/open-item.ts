import type { ThinkingBlock } from '../../turns/thinking/without-thinking.ts';
import type {
  CustomCallItem,
  FunctionCallItem,
  ItemStatus,
  MessageItem,
  OutputItem,
  OutputText,
} from './response-object.ts';
import type { TextArgument } from './text-argument.ts';

/** An event of the stream, without its number. */
export interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** An item while it grows. */
export type OpenItem = OpenMessage | OpenReasoning | OpenCall;

export interface OpenBase {
  readonly id: string;
  readonly index: number;
  /** The block that it comes from; undefined where a stage has changed the text. */
  readonly block: number | undefined;
  /** Whether its block is complete: it is closed with the next event, which tells whether the response was cut off. */
  hasEnded: boolean;
}
export interface OpenMessage extends OpenBase {
  readonly kind: 'message';
  text: string;
}
export interface OpenReasoning extends OpenBase {
  readonly kind: 'reasoning';
  text: string;
  signature: string | undefined;
  /** Of thinking that only the provider can read. */
  readonly data: string | undefined;
}
export interface OpenCall extends OpenBase {
  readonly kind: 'call';
  readonly callIndex: number;
  readonly item: Omit<FunctionCallItem, 'arguments' | 'status'> | Omit<CustomCallItem, 'input' | 'status'>;
  json: string;
  readonly argument: TextArgument | undefined;
}

/** A message that is complete, and the events that end it. */
export function closedMessage({ id, index, text }: OpenMessage, status: ItemStatus): [MessageItem, ResponseEvent[]] {
  const part = textPart(text);
  const at = { ...place(id, index), content_index: 0 };
  const events = [
    { type: 'response.output_text.done', ...at, text, logprobs: [] },
    { type: 'response.content_part.done', ...at, part },
  ];
  return [{ id, type: 'message', status, role: 'assistant', content: [part] }, events];
}

/** The thinking as the model can be given it back; undefined without its signature. */
export function thinkingBlock({ text, signature, data }: OpenReasoning): ThinkingBlock | undefined {
  if (data !== undefined) return { type: 'redacted_thinking', data };
  return signature ? { type: 'thinking', thinking: text, signature } : undefined;
}

export function closedCall(open: OpenCall, status: ItemStatus): [OutputItem, ResponseEvent[]] {
  const at = place(open.id, open.index);
  const type = deltaType(open);
  if (open.argument) {
    const shown = open.argument.shownText;
    const input = open.json === '' ? '' : open.argument.end();
    const rest = input.slice(shown.length);
    const events = rest === '' ? [] : [{ type: `${type}.delta`, ...at, delta: rest }];
    return [callItem(open, status, input), [...events, { type: `${type}.done`, ...at, input }]];
  }
  // A call without arguments is an empty object to clients that parse it.
  const json = open.json === '' ? '{}' : open.json;
  const events = open.json === '' ? [{ type: `${type}.delta`, ...at, delta: json }] : [];
  return [callItem(open, status, json), [...events, { type: `${type}.done`, ...at, name: open.item.name, arguments: json }]]; // prettier-ignore
}

export function callItem({ item }: OpenCall, status: ItemStatus, given: string): FunctionCallItem | CustomCallItem {
  if (item.type === 'custom_tool_call') return { ...item, status, input: given };
  return { ...item, status, arguments: given };
}

export function deltaType({ item }: OpenCall): string {
  return item.type === 'custom_tool_call' ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
}

export function place(itemId: string, index: number): { item_id: string; output_index: number } {
  return { item_id: itemId, output_index: index };
}

export function textPart(text: string): OutputText {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function summaryPart(text: string): { readonly type: 'summary_text'; readonly text: string } {
  return { type: 'summary_text', text };
}
