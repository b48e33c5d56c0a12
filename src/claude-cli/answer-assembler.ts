import type { RawContentBlockDelta, RawContentBlockStartEvent } from '@anthropic-ai/sdk/resources/messages';
import { clientToolName } from './client-tools.ts';
import type { AssistantBlock, TurnEvent } from './turn.ts';

/** A block while it grows. */
type OpenBlock = { block: AssistantBlock; json: string; callIndex: number | undefined };

/** Builds one assistant message from its stream and hands out each piece as it comes. */
export class AnswerAssembler {
  private blocks: OpenBlock[] = [];
  private callCount = 0;

  constructor(private readonly emit: (event: TurnEvent) => void) {}

  /**
   * The message so far, as it can be given to the model again: without a call whose arguments were cut off, which was
   * never made, and without calls of the CLI's own tools, whose results nobody has outside of it.
   */
  get content(): AssistantBlock[] {
    return this.blocks.flatMap(({ block, json, callIndex }) => {
      if (block.type === 'tool_use' && callIndex === undefined) return [];
      if (block.type !== 'tool_use' || json === '') return [block];
      const input = parseJson(json);
      return input === undefined ? [] : [{ ...block, input }];
    });
  }

  /** Whether the answer holds anything that a client can see. */
  get isVisible(): boolean {
    return this.callCount > 0 || this.blocks.some(({ block }) => block.type === 'text' && block.text !== '');
  }

  /** Whether nothing of the message has come yet. */
  get isEmpty(): boolean {
    return this.blocks.length === 0;
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

  private startCall(index: number, id: string, modelName: string): void {
    const name = clientToolName(modelName);
    const callIndex = name === undefined ? undefined : this.callCount++;
    this.blocks[index] = { block: { type: 'tool_use', id, name: name ?? modelName, input: {} }, json: '', callIndex };
    if (name === undefined || callIndex === undefined) return;
    this.emit({ type: 'tool-call-start', index: callIndex, id, name });
  }

  private addText(text: string): void {
    if (text !== '') this.emit({ type: 'text-delta', text });
  }

  private addReasoning(text: string): void {
    if (text !== '') this.emit({ type: 'reasoning-delta', text });
  }
}

/** Undefined for what is not whole. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
