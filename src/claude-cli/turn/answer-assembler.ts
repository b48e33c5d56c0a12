import type { RawContentBlockDelta, RawContentBlockStartEvent } from '@anthropic-ai/sdk/resources/messages';
import { toToolCall } from './call-input.ts';
import { clientToolName } from '../session/client-tools.ts';
import { UpstreamError } from '../errors.ts';
import { StopText } from './stop-text.ts';
import type { AssistantBlock, TurnEvent } from './turn.ts';
import type { UnknownPart } from './unknown-content.ts';

/** A block while it grows. */
type OpenBlock = { block: AssistantBlock; json: string; callIndex: number | undefined };

/** No answer has as many blocks; the CLI itself freezes over an index of billions. */
const MAX_INDEX = 2 ** 20;

/**
 * Builds one assistant message from its stream and hands out each piece as it comes. Content of unknown types is reported
 * and left out.
 */
export class AnswerAssembler {
  /** In the order in which they began. */
  private blocks: OpenBlock[] = [];
  /**
   * By the index that the API gave, which can be any value: it only assigns deltas to blocks. Undefined for a block of an
   * unknown type.
   */
  private byIndex = new Map<unknown, OpenBlock | undefined>();
  private readonly stop: StopText;
  private shownLength = 0;
  private callCount = 0;
  private hasUnknown = false;

  /** @param stopSequences those that the API does not know, so that the text ends before them here */
  constructor(
    private readonly emit: (event: TurnEvent) => void,
    private readonly onUnknown: (part: UnknownPart) => void = () => undefined,
    stopSequences: readonly string[] = [],
  ) {
    this.stop = new StopText(stopSequences);
  }

  /** The stop sequence that has ended the text; nothing of the message counts after it. */
  get stopSequence(): string | undefined {
    return this.stop.sequence;
  }

  /** Whether `content` is everything that the CLI holds of the message. */
  get isExact(): boolean {
    return !this.hasUnknown;
  }

  /** Whether the message calls a tool of the client. */
  get hasCalls(): boolean {
    return this.callCount > 0;
  }

  /**
   * The message so far, as it can be given to the model again: without a call whose arguments were cut off, which was
   * never made, and without calls of tools that are not the client's, whose results nobody has outside of the CLI.
   */
  get content(): AssistantBlock[] {
    const content = this.blocks.flatMap(({ block, json, callIndex }) => {
      if (block.type === 'tool_use' && callIndex === undefined) return [];
      if (block.type !== 'tool_use' || json === '') return [block];
      return isWhole(json) ? [toToolCall(block.id, block.name, json)] : [];
    });
    return this.stopSequence === undefined ? content : cutText(content, this.shownLength);
  }

  /** Whether the answer holds anything that a client can see. */
  get isVisible(): boolean {
    return this.callCount > 0 || this.blocks.some(({ block }) => block.type === 'text' && block.text !== '');
  }

  /** Whether nothing of the message has come yet. */
  get isEmpty(): boolean {
    return this.blocks.length === 0 && !this.hasUnknown;
  }

  start(index: number, block: RawContentBlockStartEvent['content_block']): void {
    if (index > MAX_INDEX) throw new UpstreamError(undefined, 'a content block has an impossible index');
    // The CLI may hold such a block in place of another one.
    if (!Number.isSafeInteger(index) || index < 0 || this.byIndex.has(index)) this.hasUnknown = true;
    switch (block.type) {
      case 'text':
        this.add(index, { type: 'text', text: asText(block.text) });
        this.addText(asText(block.text));
        break;
      case 'thinking':
        this.add(index, { type: 'thinking', thinking: asText(block.thinking), signature: asText(block.signature) });
        this.addReasoning(asText(block.thinking));
        break;
      case 'redacted_thinking':
        this.add(index, { type: 'redacted_thinking', data: block.data });
        break;
      case 'tool_use':
        this.startCall(index, block.id, block.name);
        break;
      default:
        // Blocks of server-side tools, and of types that did not exist when this was written.
        this.byIndex.set(index, undefined);
        this.noteUnknown('block', block.type);
    }
  }

  delta(index: number, delta: RawContentBlockDelta): void {
    const open = this.byIndex.get(index);
    // An unknown block was reported when it began.
    if (!open && this.byIndex.has(index)) return;
    if (!open || !this.append(open, delta)) this.noteUnknown('delta', delta.type);
  }

  /** A message that came whole, without having been streamed. */
  whole(content: readonly AssistantBlock[]): void {
    for (const [index, block] of content.entries()) {
      this.start(index, block as RawContentBlockStartEvent['content_block']);
      if (block.type === 'tool_use')
        this.delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(block.input) });
    }
  }

  /** The message is complete: shows what was held back of its text. */
  finish(): void {
    this.showText(this.stop.flush());
  }

  /** False for a delta of an unknown type, or of another type than its block. */
  private append(open: OpenBlock, delta: RawContentBlockDelta): boolean {
    const { block } = open;
    switch (delta.type) {
      case 'text_delta':
        if (block.type !== 'text' || typeof delta.text !== 'string') return false;
        open.block = { ...block, text: block.text + delta.text };
        this.addText(delta.text);
        return true;
      case 'thinking_delta':
        if (block.type !== 'thinking' || typeof delta.thinking !== 'string') return false;
        open.block = { ...block, thinking: block.thinking + delta.thinking };
        this.addReasoning(delta.thinking);
        return true;
      case 'signature_delta':
        if (block.type !== 'thinking') return false;
        open.block = { ...block, signature: block.signature + asText(delta.signature) };
        return true;
      case 'input_json_delta':
        if (block.type !== 'tool_use' || typeof delta.partial_json !== 'string') return false;
        open.json += delta.partial_json;
        if (open.callIndex !== undefined && delta.partial_json !== '')
          this.emit({ type: 'tool-call-delta', index: open.callIndex, json: delta.partial_json });
        return true;
      case 'citations_delta':
        // They stand beside the text, which is whole without them.
        return true;
      default:
        return false;
    }
  }

  private noteUnknown(kind: UnknownPart['kind'], name: unknown): void {
    this.hasUnknown = true;
    this.onUnknown({ kind, name });
  }

  private add(index: number, block: AssistantBlock, callIndex?: number): void {
    const open: OpenBlock = { block, json: '', callIndex };
    this.blocks.push(open);
    this.byIndex.set(index, open);
  }

  private startCall(index: number, id: string, modelName: string): void {
    const name = clientToolName(modelName);
    const callIndex = name === undefined ? undefined : this.callCount++;
    this.add(index, { type: 'tool_use', id, name: name ?? modelName, input: {} }, callIndex);
    if (name === undefined || callIndex === undefined) return;
    this.showText(this.stop.flush());
    this.emit({ type: 'tool-call-start', index: callIndex, id, name });
  }

  private addText(text: string): void {
    this.showText(this.stop.push(text));
  }

  private showText(text: string): void {
    this.shownLength += text.length;
    if (text !== '') this.emit({ type: 'text-delta', text });
  }

  private addReasoning(text: string): void {
    if (text !== '') this.emit({ type: 'reasoning-delta', text });
  }
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The blocks up to the end of the first `length` characters of their text. */
function cutText(blocks: readonly AssistantBlock[], length: number): AssistantBlock[] {
  const kept: AssistantBlock[] = [];
  let left = length;
  for (const block of blocks) {
    if (block.type === 'text' && block.text.length > left) {
      return left === 0 ? kept : [...kept, { ...block, text: block.text.slice(0, left) }];
    }
    if (block.type === 'text') left -= block.text.length;
    kept.push(block);
  }
  return kept;
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
