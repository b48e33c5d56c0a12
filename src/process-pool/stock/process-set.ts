import { heldDigest } from '../../claude-cli/session/message-digest.ts';
import { ownMemoryBytes } from '../system/own-memory.ts';
import type { ProcessCounts } from '../pool-status.ts';
import type { PooledProcess, ProcessState } from './pooled-process.ts';

/** The processes that have not exited, with aggregates over them. */
export class ProcessSet {
  private readonly processes = new Set<PooledProcess>();

  get size(): number {
    return this.processes.size;
  }

  get all(): PooledProcess[] {
    return [...this.processes];
  }

  get idle(): PooledProcess[] {
    return this.all.filter((process) => process.isIdle);
  }

  add(process: PooledProcess): void {
    this.processes.add(process);
  }

  /** False if it was removed before. */
  remove(process: PooledProcess): boolean {
    return this.processes.delete(process);
  }

  count(wanted: ProcessState): number {
    return this.all.filter(({ state }) => state === wanted).length;
  }

  /** Whether a live process is neither starting nor ending. */
  get hasLiving(): boolean {
    return this.all.some(({ state }) => state !== 'starting' && state !== 'ending');
  }

  /** Whether a process holds a conversation of a tenant; see `heldDigest`. */
  holds(tenant: string, digest: string): boolean {
    return this.all.some(
      (process) => process.tenant === tenant && !process.isBeingEmptied && heldDigest(process.held) === digest,
    );
  }

  get counts(): ProcessCounts {
    const { all } = this;
    const count = (test: (process: PooledProcess) => boolean): number => all.filter(test).length;
    return {
      starting: this.count('starting'),
      empty: count((process) => process.isEmpty),
      live: count((process) => process.isIdle && !process.isEmpty),
      busy: this.count('busy'),
      settling: this.count('settling') + this.count('ending'),
    };
  }

  /** The unshared memory of all processes, in bytes; 0 if the system does not report it. */
  get residentBytes(): number {
    return this.all.reduce((sum, { session }) => sum + (ownMemoryBytes(session.pid) ?? 0), 0);
  }
}

export function byLastUse(left: PooledProcess, right: PooledProcess): number {
  return left.lastUsedAt - right.lastUsedAt;
}

export function leastRecent(processes: readonly PooledProcess[]): PooledProcess | undefined {
  return processes.toSorted(byLastUse).at(0);
}
