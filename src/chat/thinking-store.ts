import { Injectable } from '@nestjs/common';
import type { AssistantBlock, ConversationMessage, Turn } from '../claude-cli/turn.ts';
import { isThinking } from './without-thinking.ts';

const MAX_ENTRIES = 2_000;
const MAX_AGE_MS = 60 * 60 * 1000;

interface Entry {
  readonly blocks: readonly AssistantBlock[];
  readonly model: string;
  readonly storedAt: number;
}

/**
 * Keeps the thinking that led to tool calls, by the id of the call, since OpenAI's messages have no place for it and the
 * Messages API wants it back, with its signature, while the calls are worked off. Bounded, and forgotten after an hour.
 */
@Injectable()
export class ThinkingStore {
  private readonly entries = new Map<string, Entry>();

  /** Keeps the thinking of an answer that called tools. */
  keep(tenant: string, turn: Turn, content: readonly AssistantBlock[]): void {
    const firstCall = content.find((block) => block.type === 'tool_use');
    const blocks = content.filter(isThinking);
    if (!firstCall || blocks.length === 0) return;
    this.entries.set(`${tenant} ${firstCall.id}`, { blocks, model: turn.model, storedAt: performance.now() });
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= MAX_ENTRIES && performance.now() - entry.storedAt <= MAX_AGE_MS) break;
      this.entries.delete(key);
    }
  }

  /** The turn with the thinking that belongs to the calls of its history; only the same key and model get it back. */
  restore(tenant: string, turn: Turn): Turn {
    if (this.entries.size === 0 || turn.settings.thinking === 'off') return turn;
    const history = turn.history.map((message) => this.withThinking(tenant, turn.model, message));
    return history.every((message, index) => message === turn.history[index]) ? turn : { ...turn, history };
  }

  private withThinking(tenant: string, model: string, message: ConversationMessage): ConversationMessage {
    if (message.role === 'user' || message.content.some(isThinking)) return message;
    const firstCall = message.content.find((block) => block.type === 'tool_use');
    const entry = firstCall && this.entries.get(`${tenant} ${firstCall.id}`);
    if (!entry || entry.model !== model || performance.now() - entry.storedAt > MAX_AGE_MS) return message;
    return { role: 'assistant', content: [...entry.blocks, ...message.content] };
  }
}
