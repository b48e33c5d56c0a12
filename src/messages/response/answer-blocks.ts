import type {
  RawContentBlockDelta,
  RawContentBlockDeltaEvent,
  RawContentBlockStartEvent,
  RawContentBlockStopEvent,
} from '@anthropic-ai/sdk/resources/messages';
import type { BlockEnd, BlockStart, TurnEvent } from '../../claude-cli/turn/turn.ts';

export type BlockEvent = RawContentBlockStartEvent | RawContentBlockDeltaEvent | RawContentBlockStopEvent;

type NewBlock = RawContentBlockStartEvent['content_block'];
type OpenKind = 'text' | 'thinking' | 'tool_use';

const NOTHING: BlockEvent[] = [];

/**
 * The events of a turn as those of Anthropic's blocks: one is open at a time, and their indexes have no gaps. A block opens
 * with its first piece, so that text which comes without its block opens one as well.
 */
export class AnswerBlocks {
  /** Of the block that is open, or the next one. */
  private index = 0;
  private open: OpenKind | undefined;
  /** A block of thinking that was announced, of which nothing has come yet. */
  private awaited: number | undefined;
  private openCall: number | undefined;

  accept(event: TurnEvent): BlockEvent[] {
    switch (event.type) {
      case 'block-start':
        return this.start(event);
      case 'text-delta':
        return [...this.ensure('text'), this.delta({ type: 'text_delta', text: event.text })];
      case 'reasoning-delta':
        this.awaited = undefined;
        return [...this.ensure('thinking'), this.delta({ type: 'thinking_delta', thinking: event.text })];
      case 'tool-call-start': {
        const { id, name } = event;
        const closed = this.close();
        this.openCall = event.index;
        const block: NewBlock = { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } };
        return [...closed, this.begin(block, 'tool_use')];
      }
      case 'tool-call-delta':
        if (this.open !== 'tool_use' || this.openCall !== event.index) return NOTHING;
        return [this.delta({ type: 'input_json_delta', partial_json: event.json })];
      case 'block-end':
        return this.end(event);
      case 'finish':
        return this.close();
      case 'start':
        return NOTHING;
    }
  }

  private start({ index, kind, data = '' }: BlockStart): BlockEvent[] {
    // A call opens with its name, which comes next.
    const closed = this.close();
    if (kind === 'reasoning') this.awaited = index;
    if (kind !== 'redacted') return closed;
    const block = this.begin({ type: 'redacted_thinking', data }, undefined);
    return [...closed, block, this.stop()];
  }

  private end({ index, signature }: BlockEnd): BlockEvent[] {
    // The provider may keep what was thought to itself, and give its signature only.
    const opened = this.awaited === index && signature !== undefined ? this.ensure('thinking') : NOTHING;
    this.awaited = undefined;
    const isSigned = signature !== undefined && this.open === 'thinking';
    const signed = isSigned ? [this.delta({ type: 'signature_delta', signature })] : NOTHING;
    return [...opened, ...signed, ...this.close()];
  }

  private ensure(kind: 'text' | 'thinking'): BlockEvent[] {
    if (this.open === kind) return NOTHING;
    const block: NewBlock =
      kind === 'text' ? { type: 'text', text: '', citations: null } : { type: 'thinking', thinking: '', signature: '' };
    return [...this.close(), this.begin(block, kind)];
  }

  private begin(block: NewBlock, kind: OpenKind | undefined): BlockEvent {
    this.open = kind;
    return { type: 'content_block_start', index: this.index, content_block: block };
  }

  private delta(delta: RawContentBlockDelta): BlockEvent {
    return { type: 'content_block_delta', index: this.index, delta };
  }

  private close(): BlockEvent[] {
    if (this.open === undefined) return NOTHING;
    this.open = undefined;
    this.openCall = undefined;
    return [this.stop()];
  }

  private stop(): BlockEvent {
    return { type: 'content_block_stop', index: this.index++ };
  }
}
