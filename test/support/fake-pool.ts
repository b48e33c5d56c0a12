import { NEVER, Observable, defer, tap } from 'rxjs';
import { NOTHING_SPENT, type Spending } from '../../src/claude-cli/turn/spending.ts';
import type { CatalogueModel } from '../../src/claude-cli/session/initialization.ts';
import type { Turn, TurnEvent } from '../../src/claude-cli/turn/turn.ts';
import type { LeaseOptions } from '../../src/process-pool/pool/lease.ts';
import type { PoolProblem, PoolStatus } from '../../src/process-pool/pool-status.ts';

const SONNET: CatalogueModel = {
  value: 'sonnet',
  resolvedModel: 'claude-sonnet-4-5',
  displayName: 'Sonnet',
  supportedEffortLevels: [],
  supportsThinkingOff: true,
};

/** Stands in for the pool as the rest of the service sees it: each turn is answered with the events that it is given. */
export class FakePool {
  catalogue: readonly CatalogueModel[] = [SONNET];
  problem: PoolProblem | undefined;
  answer: Observable<TurnEvent> = NEVER;
  /** Pending while the service starts. */
  checked: Promise<void> = Promise.resolve();
  readonly turns: Turn[] = [];
  readonly tenants: string[] = [];
  /** Turns that were subscribed to and are not over. */
  running = 0;

  run(turn: Turn, { tenant, onLeased, onSettled }: LeaseOptions): Observable<TurnEvent> {
    return defer(() => {
      this.turns.push(turn);
      this.tenants.push(tenant);
      onLeased?.({ tier: 'live', queueMs: 1.5, reusedMessages: 0 });
      return new Observable<TurnEvent>((subscriber) => {
        let spending: Spending = NOTHING_SPENT;
        this.running += 1;
        subscriber.add(() => {
          this.running -= 1;
          const kind = spending === NOTHING_SPENT ? 'cancelled' : 'answered';
          onSettled?.({ kind, spending, isAccounted: true });
        });
        const answer = this.answer.pipe(
          tap((event) => {
            if (event.type === 'finish') spending = { usage: event.usage, costUsd: event.costUsd ?? 0 };
          }),
        );
        subscriber.add(answer.subscribe(subscriber));
      });
    });
  }

  untilChecked(): Promise<void> {
    return this.checked;
  }

  status(): PoolStatus {
    return {
      state: this.problem ? 'unavailable' : this.catalogue.length > 0 ? 'ready' : 'starting',
      ...(this.problem && { problem: this.problem }),
      credentials: 'none',
      processes: { starting: 0, empty: 1, live: 0, busy: this.running, settling: 0 },
      queued: 0,
    };
  }

  get isDraining(): boolean {
    return this.status().state === 'draining';
  }

  holds(): boolean {
    return false;
  }

  figures(): undefined {
    return undefined;
  }

  residentBytes(): number {
    return 0;
  }

  keepOpen(): () => void {
    return () => undefined;
  }

  drain(): void {
    // Nothing runs here that would have to end.
  }
}
