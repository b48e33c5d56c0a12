/** A place in the waiting line. */
export interface Waiter {
  /** Whose turn it is rotates between tenants; within one the order of arrival holds. */
  readonly tenant: string;
}

/** A bounded waiting line, first come first served within a tenant and in rotation between tenants. */
export class LeaseQueue<T extends Waiter> {
  /** In the order of rotation: the tenant at the front is served next. */
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

  /** Takes a waiter out of the line, wherever it stands; false when it is not in it. */
  remove(waiter: T): boolean {
    const line = this.lines.get(waiter.tenant);
    const index = line?.indexOf(waiter) ?? -1;
    if (!line || index === -1) return false;
    line.splice(index, 1);
    if (line.length === 0) this.lines.delete(waiter.tenant);
    this.count -= 1;
    return true;
  }

  /** The first waiter of each tenant, in the order in which they are to be served. */
  heads(): T[] {
    return [...this.lines.values()].flatMap((line) => line.slice(0, 1));
  }

  /** Takes a tenant's first waiter out because it is served; the tenant goes to the end of the rotation. */
  serve(waiter: T): void {
    const line = this.lines.get(waiter.tenant);
    if (line?.[0] !== waiter) throw new Error('only the first of a tenant can be served');
    this.lines.delete(waiter.tenant);
    line.shift();
    this.count -= 1;
    if (line.length > 0) this.lines.set(waiter.tenant, line);
  }

  /** Everybody who waits, in no particular order. */
  all(): T[] {
    return [...this.lines.values()].flat();
  }
}
