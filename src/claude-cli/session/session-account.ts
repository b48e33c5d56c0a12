import type { CliLine, SystemLine } from '../transport/messages.ts';
import { toRateLimit, type RateLimit } from '../turn/rate-limit.ts';
import { NOTHING_SPENT, toSpending, type Spending } from '../turn/spending.ts';
import type { TurnOutcome } from '../turn/turn-outcome.ts';
import type { SessionEvent } from './session-event.ts';

export interface SessionAccountListener {
  /** Told what the provider says of the account's allowances. */
  readonly onRateLimit?: (limit: RateLimit) => void;
  readonly onEvent?: (event: SessionEvent) => void;
}

/** What the lines of a process tell of it beside its answers. */
export class SessionAccount {
  private totals: Spending = NOTHING_SPENT;
  private totalCostUsd = 0;
  private toldTools: readonly string[] = [];

  constructor(private readonly listener: SessionAccountListener) {}

  /** What the process has spent in all, as its last result told. */
  get spent(): Spending {
    return this.totals;
  }

  /** The names of the CLI's own tools that the model is offered, as told at the last turn. */
  get offeredTools(): readonly string[] {
    return this.toldTools;
  }

  /** Takes a line, whatever is waited for. */
  note(line: CliLine): void {
    if (line.type === 'rate_limit_event') {
      const limit = toRateLimit(line);
      if (limit) this.listener.onRateLimit?.(limit);
    }
    if (line.type === 'result') this.totals = toSpending(line) ?? this.totals;
    if (line.type === 'system' && line.subtype === 'init') this.toldTools = line.tools ?? [];
    if (line.type === 'system' && line.subtype === 'api_retry') this.listener.onEvent?.(toRetry(line));
  }

  /** What a turn cost, from the running totals that the CLI reports; undefined where it reports none. */
  costOf(outcome: TurnOutcome): number | undefined {
    if (outcome.totalCostUsd === undefined) return undefined;
    const cost = outcome.totalCostUsd - this.totalCostUsd;
    this.totalCostUsd = outcome.totalCostUsd;
    return Math.max(0, cost);
  }
}

function toRetry(line: SystemLine): SessionEvent {
  return {
    type: 'upstream-retry',
    attempt: line.attempt,
    status: line.error_status ?? undefined,
    delayMs: line.retry_delay_ms,
  };
}
