import { Injectable } from '@nestjs/common';
import type { AssistantBlock, ConversationMessage, Turn } from '../claude-cli/turn/turn.ts';
import { TenantCache } from '../common/tenant-cache.ts';
import { isThinking, type ThinkingBlock } from '../turns/thinking/without-thinking.ts';

interface Entry {
  readonly blocks: readonly ThinkingBlock[];
  readonly model: string;
}

const MAX_ENTRIES = 2_000;
const MAX_BYTES = 32 * 1024 * 1024;
const TTL_MS = 60 * 60 * 1000;
/** The approximate size of an entry in memory besides its texts. */
const ENTRY_OVERHEAD_BYTES = 500;

/**
 * Keeps the thinking before tool calls, by the id of the call: messages of chat clients have no place for it, and the
 * Messages API requires it, with its signature, until the calls are completed. Bounded; entries expire after an hour.
 */
@Injectable()
export class ThinkingStore {
  private readonly entries = new TenantCache<Entry>({ maxEntries: MAX_ENTRIES, maxBytes: MAX_BYTES, ttlMs: TTL_MS });

  /** Keeps the thinking of an answer with tool calls. */
  keep(tenant: string, turn: Turn, content: readonly AssistantBlock[]): void {
    const firstCall = content.find((block) => block.type === 'tool_use');
    const blocks = content.filter(isThinking);
    if (!firstCall || blocks.length === 0) return;
    const bytes = blocks.reduce((sum, block) => sum + bytesOf(block), ENTRY_OVERHEAD_BYTES);
    this.entries.set(tenant, firstCall.id, { blocks, model: turn.model }, bytes);
  }

  /** The turn with the thinking that belongs to the calls of its history; only the same key and model get it back. */
  restore(tenant: string, turn: Turn): Turn {
    if (turn.settings.thinking === 'off') return turn;
    const history = turn.history.map((message) => this.withThinking(tenant, turn.model, message));
    return history.every((message, index) => message === turn.history[index]) ? turn : { ...turn, history };
  }

  private withThinking(tenant: string, model: string, message: ConversationMessage): ConversationMessage {
    if (message.role === 'user' || message.content.some(isThinking)) return message;
    const firstCall = message.content.find((block) => block.type === 'tool_use');
    const entry = firstCall && this.entries.get(tenant, firstCall.id);
    if (!entry || entry.model !== model) return message;
    return { role: 'assistant', content: [...entry.blocks, ...message.content] };
  }
}

/** Texts beyond Latin-1 take two bytes per character. */
function bytesOf(block: ThinkingBlock): number {
  return block.type === 'thinking' ? block.thinking.length * 2 + block.signature.length : block.data.length;
}
