import type { RawContentBlockDelta, RawContentBlockStartEvent } from '@anthropic-ai/sdk/resources/messages';
import { toToolCall } from './call-input.ts';
import { clientToolName } from './client-tools.ts';
import { AnswerDivergedError } from './errors.ts';
import type { AssistantBlock, TurnEvent } from './turn.ts';

/** A block while it grows. */
type OpenBlock = { block: AssistantBlock; json: string; callIndex: number | undefined };

/**
 * Builds one assistant message from its stream and hands out what is new of it. When the CLI starts the message
 * again after a failure, what was handed out before is neither repeated nor lost: the new attempt must continue it,
 * else AnswerDivergedError is thrown.
 */
export class AnswerAssembler {
  private blocks: OpenBlock[] = [];
  private readonly text = new ResumableText();
  private readonly reasoning = new ResumableText();
  private callCount = 0;
  private emittedCalls = 0;

  constructor(private readonly emit: (event: TurnEvent) => void) {}

  /** The message so far, without a call whose arguments were cut off: it was never made. */
  get content(): AssistantBlock[] {
    return this.blocks.flatMap(({ block, json }) => {
      if (block.type !== 'tool_use' || json === '') return [block];
      return isWhole(json) ? [toToolCall(block.id, block.name, json)] : [];
    });
  }

  /** Whether the answer holds anything that a client can see. */
  get isVisible(): boolean {
    return this.callCount > 0 || this.blocks.some(({ block }) => block.type === 'text' && block.text !== '');
  }

  /** A message begins; it replaces what an earlier attempt left unfinished. */
  restart(): void {
    this.blocks = [];
    this.callCount = 0;
    this.text.restart();
    this.reasoning.restart();
    if (this.emittedCalls > 0) throw new AnswerDivergedError();
  }

  start(index: number, block: RawContentBlockStartEvent['content_block']): void {
    switch (block.type) {
      case 'text':
        this.blocks[index] = { block: { type: 'text', text: block.text }, json: '', callIndex: undefined };
        this.addText(block.text);
        break;
      case 'thinking':
        this.blocks[index] = {
          block: { type: 'thinking', thinking: block.thinking, signature: block.signature },
          json: '',
          callIndex: undefined,
        };
        this.addReasoning(block.thinking);
        break;
      case 'redacted_thinking':
        this.blocks[index] = { block: { type: 'redacted_thinking', data: block.data }, json: '', callIndex: undefined };
        break;
      case 'tool_use':
        this.startCall(index, block.id, block.name);
        break;
      default:
      // Blocks of server-side tools are nothing that a client of this layer could use.
    }
  }

  delta(index: number, delta: RawContentBlockDelta): void {
    const open = this.blocks[index];
    if (!open) return;
    const { block } = open;
    switch (delta.type) {
      case 'text_delta':
        if (block.type !== 'text') return;
        open.block = { ...block, text: block.text + delta.text };
        this.addText(delta.text);
        return;
      case 'thinking_delta':
        if (block.type !== 'thinking') return;
        open.block = { ...block, thinking: block.thinking + delta.thinking };
        this.addReasoning(delta.thinking);
        return;
      case 'signature_delta':
        if (block.type === 'thinking') open.block = { ...block, signature: block.signature + delta.signature };
        return;
      case 'input_json_delta':
        open.json += delta.partial_json;
        if (open.callIndex !== undefined && delta.partial_json !== '') {
          this.emit({ type: 'tool-call-delta', index: open.callIndex, json: delta.partial_json });
        }
        return;
      default:
    }
  }

  /** A message that came whole, without having been streamed. */
  whole(content: readonly AssistantBlock[]): void {
    this.restart();
    for (const [index, block] of content.entries()) {
      if (block.type === 'tool_use') {
        this.startCall(index, block.id, block.name);
        this.delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(block.input) });
      } else {
        this.blocks[index] = { block, json: '', callIndex: undefined };
        if (block.type === 'text') this.addText(block.text);
        if (block.type === 'thinking') this.addReasoning(block.thinking);
      }
    }
  }

  /** Throws AnswerDivergedError when an earlier attempt had handed out more than the finished answer holds. */
  finish(): void {
    if (!this.text.hasCaughtUp) throw new AnswerDivergedError();
  }

  private startCall(index: number, id: string, modelName: string): void {
    const name = clientToolName(modelName);
    const callIndex = name === undefined ? undefined : this.callCount++;
    this.blocks[index] = { block: { type: 'tool_use', id, name: name ?? modelName, input: {} }, json: '', callIndex };
    if (name === undefined || callIndex === undefined) return;
    this.emittedCalls += 1;
    this.emit({ type: 'tool-call-start', index: callIndex, id, name });
  }

  private addText(text: string): void {
    const fresh = this.text.add(text);
    if (fresh === undefined) throw new AnswerDivergedError();
    if (fresh !== '') this.emit({ type: 'text-delta', text: fresh });
  }

  private addReasoning(text: string): void {
    // Thinking is not the answer: where a second attempt thinks otherwise, it is simply not shown.
    const fresh = this.reasoning.add(text);
    if (fresh !== undefined && fresh !== '') this.emit({ type: 'reasoning-delta', text: fresh });
  }
}

function isWhole(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

/** A text that may be told again from its beginning; only what goes beyond the longest telling is new. */
class ResumableText {
  private told = '';
  private expected = '';
  private matched = 0;

  get hasCaughtUp(): boolean {
    return this.matched === this.expected.length;
  }

  restart(): void {
    this.expected = this.told;
    this.matched = 0;
  }

  /** What is new in the text; undefined when it is not what was told before. */
  add(text: string): string | undefined {
    const again = text.slice(0, this.expected.length - this.matched);
    if (again !== '' && !this.expected.startsWith(again, this.matched)) return undefined;
    this.matched += again.length;
    const fresh = text.slice(again.length);
    this.told += fresh;
    return fresh;
  }
}
