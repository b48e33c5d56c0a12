import { promptTokens } from '../claude-cli/turn/token-usage.ts';
import type { TurnFinish } from '../claude-cli/turn/turn.ts';

/** How a request was served: from the cache, by a model, past the cache, or together with an equal one. */
export type CacheStatus = 'hit' | 'miss' | 'bypass' | 'shared';

export interface CacheFiguresSnapshot {
  readonly hits: number;
  readonly misses: number;
  readonly shared: number;
  readonly bypassed: number;
  readonly stored: number;
  readonly saved_tokens: { readonly prompt: number; readonly completion: number };
  /** The original cost of the repeated answers. */
  readonly saved_cost_usd: number;
}

/** Counts the events of the cache. */
export class CacheFigures {
  private readonly requests: Record<CacheStatus, number> = { hit: 0, miss: 0, bypass: 0, shared: 0 };
  private stored = 0;
  private savedPromptTokens = 0;
  private savedCompletionTokens = 0;
  private savedCostUsd = 0;

  countRequest(status: CacheStatus): void {
    this.requests[status] += 1;
  }

  countStored(): void {
    this.stored += 1;
  }

  /** Counts the savings of a repeated answer. @param costUsd its original cost */
  countSaved({ usage }: TurnFinish, costUsd: number): void {
    this.savedPromptTokens += promptTokens(usage);
    this.savedCompletionTokens += usage.outputTokens;
    this.savedCostUsd += costUsd;
  }

  snapshot(): CacheFiguresSnapshot {
    const { hit, miss, shared, bypass } = this.requests;
    return {
      hits: hit,
      misses: miss,
      shared,
      bypassed: bypass,
      stored: this.stored,
      saved_tokens: { prompt: this.savedPromptTokens, completion: this.savedCompletionTokens },
      saved_cost_usd: this.savedCostUsd,
    };
  }
}
