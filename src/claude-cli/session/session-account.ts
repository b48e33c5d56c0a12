import type { CliLine, SystemLine } from '../transport/messages.ts';
import { toRateLimit, type RateLimit } from '../turn/rate-limit.ts';
import { NOTHING_SPENT, toSpending, type Spending } from '../turn/spending.ts';
import type { TurnOutcome } from '../turn/turn-outcome.ts';
import type { SessionEvent } from './session-event.ts';

export interface SessionAccountListener {
  /** Called with the state of the account's allowances. */
  readonly onRateLimit?: (limit: RateLimit) => void;
  readonly onEvent?: (event: SessionEvent) => void;
}

/** What the lines of a process report besides its answers. */
export class SessionAccount {
  private totals: Spending = NOTHING_SPENT;
  private totalCostUsd = 0;
  private toldTools: readonly string[] = [];

  constructor(private readonly listener: SessionAccountListener) {}

  /** The total spending of the process, from its last result. */
  get spent(): Spending {
    return this.totals;
  }

  /** The names of the CLI's own tools that the model gets, from the last turn. */
  get offeredTools(): readonly string[] {
    return this.toldTools;
  }

  /** Reads a line, whether or not a turn runs. */
  note(line: CliLine): void {
    if (line.type === 'rate_limit_event') {
      const limit = toRateLimit(line);
      if (limit) this.listener.onRateLimit?.(limit);
    }
    if (line.type === 'result') this.totals = toSpending(line) ?? this.totals;
    if (line.type === 'system' && line.subtype === 'init') this.toldTools = line.tools ?? [];
    if (line.type === 'system' && line.subtype === 'api_retry') this.listener.onEvent?.(toRetry(line));
  }

  /** The cost of a turn, from the CLI's running totals; undefined if it reported none. */
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
