/** A queued request. */
export interface Waiter {
  /** The queue rotates between tenants and keeps the order of arrival within one. */
  readonly tenant: string;
}

/** A bounded queue: first come, first served within a tenant; in rotation between tenants. */
export class LeaseQueue<T extends Waiter> {
  /** In rotation order: the first tenant is served next. */
  private readonly lines = new Map<string, T[]>();
  private count = 0;

  constructor(private readonly maxLength: number) {}

  get length(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count >= this.maxLength;
  }

  add(waiter: T): void {
    const line = this.lines.get(waiter.tenant);
    if (line) line.push(waiter);
    else this.lines.set(waiter.tenant, [waiter]);
    this.count += 1;
  }

  /** Removes a waiter from any position; false if it is not queued. */
  remove(waiter: T): boolean {
    const line = this.lines.get(waiter.tenant);
    const index = line?.indexOf(waiter) ?? -1;
    if (!line || index === -1) return false;
    line.splice(index, 1);
    if (line.length === 0) this.lines.delete(waiter.tenant);
    this.count -= 1;
    return true;
  }

  /** The first waiter of each tenant, in the order of service. */
  heads(): T[] {
    return [...this.lines.values()].flatMap((line) => line.slice(0, 1));
  }

  /** Removes the first waiter of a tenant and moves the tenant to the end of the rotation. */
  serve(waiter: T): void {
    const line = this.lines.get(waiter.tenant);
    if (line?.[0] !== waiter) throw new Error('only the first of a tenant can be served');
    this.lines.delete(waiter.tenant);
    line.shift();
    this.count -= 1;
    if (line.length > 0) this.lines.set(waiter.tenant, line);
  }

  /** All waiters, in no particular order. */
  all(): T[] {
    return [...this.lines.values()].flat();
  }
}
