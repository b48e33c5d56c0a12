import type { RawContentBlockDelta, RawContentBlockStartEvent } from '@anthropic-ai/sdk/resources/messages';
import { toToolCall } from './call-input.ts';
import { clientToolName } from '../session/client-tools.ts';
import { UpstreamError } from '../errors.ts';
import { StopText } from './stop-text.ts';
import type { AssistantBlock, BlockKind, TurnEvent } from './turn.ts';
import type { UnknownPart } from './unknown-content.ts';

/** An incomplete block. */
interface OpenBlock {
  block: AssistantBlock;
  json: string;
  readonly callIndex: number | undefined;
  /** Undefined for a call that emits no events. */
  readonly kind: BlockKind | undefined;
  /** The position among the emitted blocks; undefined until the block is emitted. */
  position: number | undefined;
  hasEnded: boolean;
}

/** No answer has as many blocks; the CLI itself freezes over an index of billions. */
const MAX_INDEX = 2 ** 20;

/**
 * Assembles one assistant message from its stream and emits each piece as it arrives. Reports and omits content of unknown
 * types.
 */
export class AnswerAssembler {
  /** In the order of their beginnings. */
  private blocks: OpenBlock[] = [];
  /**
   * By the API's index, which can be any value: it only assigns deltas to blocks. Undefined for a block of an unknown type.
   */
  private byIndex = new Map<unknown, OpenBlock | undefined>();
  private readonly stop: StopText;
  private shownLength = 0;
  /** The text block that began last. */
  private text: OpenBlock | undefined;
  private callCount = 0;
  /** The position of the next emitted block. */
  private position: number;
  private hasUnknown = false;

  /**
   * @param stopSequences sequences that the API does not accept; the text ends before them here
   * @param firstPosition the position of its first block, after earlier messages of the turn
   */
  constructor(
    private readonly emit: (event: TurnEvent) => void,
    private readonly onUnknown: (part: UnknownPart) => void = () => undefined,
    stopSequences: readonly string[] = [],
    firstPosition = 0,
  ) {
    this.position = firstPosition;
    this.stop = new StopText(stopSequences);
  }

  /** The stop sequence that ended the text; the rest of the message is ignored. */
  get stopSequence(): string | undefined {
    return this.stop.sequence;
  }

  /** Whether `content` equals the CLI's message. */
  get isExact(): boolean {
    return !this.hasUnknown;
  }

  /** Whether the message calls a tool of the client. */
  get hasCalls(): boolean {
    return this.callCount > 0;
  }

  /**
   * The message so far, fit to be sent to the model again: without calls that were cut off, and without calls of tools that
   * are not the client's, whose results only the CLI has.
   */
  get content(): AssistantBlock[] {
    const content = this.blocks.flatMap(({ block, json, callIndex }) => {
      if (block.type === 'tool_use' && callIndex === undefined) return [];
      if (block.type !== 'tool_use' || json === '') return [block];
      return isWhole(json) ? [toToolCall(block.id, block.name, json)] : [];
    });
    return this.stopSequence === undefined ? content : cutText(content, this.shownLength);
  }

  /** Whether the answer contains anything visible to a client. */
  get isVisible(): boolean {
    return this.callCount > 0 || this.blocks.some(({ block }) => block.type === 'text' && block.text !== '');
  }

  /** Whether the message has no content yet. */
  get isEmpty(): boolean {
    return this.blocks.length === 0 && !this.hasUnknown;
  }

  /** The position of the next message's first block. */
  get nextPosition(): number {
    return this.position;
  }

  start(index: number, block: RawContentBlockStartEvent['content_block']): void {
    if (index > MAX_INDEX) throw new UpstreamError(undefined, 'a content block has an impossible index');
    // The CLI may hold such a block in place of another one.
    if (!Number.isSafeInteger(index) || index < 0 || this.byIndex.has(index)) this.hasUnknown = true;
    switch (block.type) {
      case 'text':
        this.text = this.add(index, { type: 'text', text: asText(block.text) }, 'text');
        this.addText(asText(block.text));
        break;
      case 'thinking': {
        const thinking = asText(block.thinking);
        const open = this.add(index, { type: 'thinking', thinking, signature: asText(block.signature) }, 'reasoning');
        this.addReasoning(open, thinking);
        break;
      }
      case 'redacted_thinking':
        this.tell(this.add(index, { type: 'redacted_thinking', data: block.data }, 'redacted'));
        break;
      case 'tool_use':
        this.startCall(index, block.id, block.name);
        break;
      default:
        // Blocks of server-side tools and of future types.
        this.byIndex.set(index, undefined);
        this.noteUnknown('block', block.type);
    }
  }

  delta(index: number, delta: RawContentBlockDelta): void {
    const open = this.byIndex.get(index);
    // Unknown blocks are reported at their beginning.
    if (!open && this.byIndex.has(index)) return;
    if (!open || !this.append(open, delta)) this.noteUnknown('delta', delta.type);
  }

  /** The block is complete. */
  stopBlock(index: number): void {
    const open = this.byIndex.get(index);
    if (open) this.endBlock(open);
  }

  /** A message that arrived whole instead of as a stream. */
  whole(content: readonly AssistantBlock[]): void {
    for (const [index, block] of content.entries()) {
      this.start(index, block as RawContentBlockStartEvent['content_block']);
      if (block.type === 'tool_use')
        this.delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(block.input) });
      this.stopBlock(index);
    }
  }

  /** The message is complete: emits the text that was held back, and ends open blocks. */
  finish(): void {
    this.showText(this.stop.flush());
    for (const open of this.blocks) this.endBlock(open);
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
        this.addReasoning(open, delta.thinking);
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
        // Citations accompany the text, which is complete without them.
        return true;
      default:
        return false;
    }
  }

  private noteUnknown(kind: UnknownPart['kind'], name: unknown): void {
    this.hasUnknown = true;
    this.onUnknown({ kind, name });
  }

  /** @param kind undefined for a block that emits no events */
  private add(index: number, block: AssistantBlock, kind: BlockKind | undefined, callIndex?: number): OpenBlock {
    const open: OpenBlock = { block, json: '', callIndex, kind, position: undefined, hasEnded: false };
    this.blocks.push(open);
    this.byIndex.set(index, open);
    return open;
  }

  /** Emits the beginning of a block right before its first piece: until then a broken answer can be repeated. */
  private tell(open: OpenBlock | undefined): void {
    if (!open || open.kind === undefined || open.position !== undefined) return;
    const { block, kind } = open;
    const data = block.type === 'redacted_thinking' ? { data: block.data } : {};
    open.position = this.position++;
    this.emit({ type: 'block-start', index: open.position, kind, ...data });
  }

  private endBlock(open: OpenBlock): void {
    if (open.hasEnded || open.kind === undefined) return;
    open.hasEnded = true;
    const { block } = open;
    // At the end of a text the beginning of a stop sequence is ordinary text.
    if (block.type === 'text') this.showText(this.stop.flush());
    else this.tell(open);
    if (open.position === undefined) return;
    const isSigned = block.type === 'thinking' && block.signature !== '';
    this.emit({ type: 'block-end', index: open.position, ...(isSigned && { signature: block.signature }) });
  }

  private startCall(index: number, id: string, modelName: string): void {
    const name = clientToolName(modelName);
    const callIndex = name === undefined ? undefined : this.callCount++;
    if (callIndex !== undefined) this.showText(this.stop.flush());
    const kind = callIndex === undefined ? undefined : 'tool-call';
    const open = this.add(index, { type: 'tool_use', id, name: name ?? modelName, input: {} }, kind, callIndex);
    if (name === undefined || callIndex === undefined) return;
    this.tell(open);
    this.emit({ type: 'tool-call-start', index: callIndex, id, name });
  }

  private addText(text: string): void {
    this.showText(this.stop.push(text));
  }

  private showText(text: string): void {
    this.shownLength += text.length;
    if (text === '') return;
    this.tell(this.text);
    this.emit({ type: 'text-delta', text });
  }

  private addReasoning(open: OpenBlock, text: string): void {
    if (text === '') return;
    this.tell(open);
    this.emit({ type: 'reasoning-delta', text });
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
