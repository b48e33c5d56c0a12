import { LRUCache } from 'lru-cache';

export interface TenantCacheOptions {
  /** The total size of all values. */
  readonly maxBytes: number;
  readonly maxEntries?: number;
  readonly ttlMs: number;
}

type Entries<Value extends object> = LRUCache<string, Value>;

/**
 * Values of all tenants in memory, with common limits of number, size and age. Evicts the least recently used value of the
 * tenant that holds the most, so no tenant can evict the values of one that holds less.
 */
export class TenantCache<Value extends object> {
  private readonly byTenant = new Map<string, Entries<Value>>();
  private evictions = 0;

  constructor(private readonly options: TenantCacheOptions) {}

  get(tenant: string, key: string): Value | undefined {
    return this.byTenant.get(tenant)?.get(key);
  }

  /** @param bytes the size of the value in memory; a value larger than the whole cache is not kept */
  set(tenant: string, key: string, value: Value, bytes: number): void {
    const { maxBytes, maxEntries = Number.POSITIVE_INFINITY } = this.options;
    this.delete(tenant, key);
    const size = Math.max(1, Math.ceil(bytes));
    if (size > maxBytes) return;
    const entries = this.byTenant.get(tenant) ?? this.newEntries(tenant);
    this.byTenant.set(tenant, entries);
    entries.set(key, value, { size });
    while (this.count > maxEntries) this.largest(({ size: count }) => count)?.pop();
    while (this.bytes > maxBytes) this.largest(({ calculatedSize }) => calculatedSize)?.pop();
  }

  delete(tenant: string, key: string): boolean {
    return this.byTenant.get(tenant)?.delete(key) ?? false;
  }

  clear(): void {
    // Each tenant leaves the map with its last value.
    for (const entries of this.byTenant.values()) entries.clear();
  }

  get count(): number {
    return this.sum(({ size }) => size);
  }

  get bytes(): number {
    return this.sum(({ calculatedSize }) => calculatedSize);
  }

  /** Values that were evicted for others. */
  get evictionCount(): number {
    return this.evictions;
  }

  private newEntries(tenant: string): Entries<Value> {
    const entries: Entries<Value> = new LRUCache<string, Value>({
      maxSize: Math.ceil(this.options.maxBytes),
      ttl: Math.ceil(this.options.ttlMs),
      ttlAutopurge: true,
      disposeAfter: (_value, _key, reason) => {
        if (reason === 'evict') this.evictions += 1;
        if (entries.size === 0 && this.byTenant.get(tenant) === entries) this.byTenant.delete(tenant);
      },
    });
    return entries;
  }

  private largest(measure: (entries: Entries<Value>) => number): Entries<Value> | undefined {
    let largest: Entries<Value> | undefined;
    for (const entries of this.byTenant.values()) {
      if (!largest || measure(entries) > measure(largest)) largest = entries;
    }
    return largest;
  }

  private sum(measure: (entries: Entries<Value>) => number): number {
    let total = 0;
    for (const entries of this.byTenant.values()) total += measure(entries);
    return total;
  }
}
