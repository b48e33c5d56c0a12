import { hash, timingSafeEqual } from 'node:crypto';
import { toKeyPolicy, type KeyEntry } from '../config/key-entry.ts';
import type { KeyPolicy } from '../config/key-policy.ts';

export interface ApiKey {
  readonly name: string;
  readonly policy: KeyPolicy;
}

const DIGEST_BYTES = 32;

/**
 * Keys by digest, as a hash table with open addressing in flat arrays, which pass between threads cheaply. The slots follow
 * from digests blinded by a secret, so the time of a search reveals nothing about a key.
 */
export interface KeyTable {
  readonly count: number;
  /** The secret that blinds the digests. */
  readonly blind: Uint8Array;
  /** The blinded digests, concatenated. */
  readonly digests: Uint8Array;
  /** For each slot the index of its key plus 1; 0: empty. The size is a power of two, at least twice the number of keys. */
  readonly places: Uint32Array;
  /** All names, concatenated, and the start of each. */
  readonly names: string;
  readonly nameStarts: Uint32Array;
  /** The distinct policies as JSON, and the policy of each key. */
  readonly policies: readonly string[];
  readonly policyNumbers: Uint32Array;
}

/** Builds the table. The names and digests of the keys must be unique. */
export function buildKeyTable(keys: readonly KeyEntry[], blind: Uint8Array): KeyTable {
  const table = {
    count: keys.length,
    blind,
    digests: new Uint8Array(keys.length * DIGEST_BYTES),
    places: new Uint32Array(2 ** Math.ceil(Math.log2(keys.length * 2 + 2))),
    names: keys.map(({ name }) => name).join(''),
    nameStarts: new Uint32Array(keys.length + 1),
    policyNumbers: new Uint32Array(keys.length),
  };
  const policies = new Map<string, number>();
  for (const [number, { name, sha256, ...policy }] of keys.entries()) {
    const blinded = blindDigest(Buffer.from(sha256, 'hex'), blind);
    table.digests.set(blinded, number * DIGEST_BYTES);
    table.places[freePlace(table.places, blinded)] = number + 1;
    table.nameStarts[number + 1] = (table.nameStarts[number] ?? 0) + name.length;
    const text = JSON.stringify(toKeyPolicy(policy));
    const known = policies.get(text) ?? policies.size;
    policies.set(text, known);
    table.policyNumbers[number] = known;
  }
  return { ...table, policies: [...policies.keys()] };
}

/** The key with a digest (SHA-256 of the key itself); undefined without one. */
export function findKey(table: KeyTable, digest: Uint8Array): ApiKey | undefined {
  const number = numberOf(table, blindDigest(digest, table.blind));
  if (number === undefined) return undefined;
  const policy = JSON.parse(table.policies[table.policyNumbers[number] ?? 0] ?? '{}') as KeyPolicy;
  return { name: nameOf(table, number), policy };
}

/** The names of keys in `table` that are not in `others`, which must be blinded with the same secret. */
export function namesWithout(table: KeyTable, others: KeyTable): string[] {
  const names: string[] = [];
  for (let number = 0; number < table.count; number += 1) {
    if (numberOf(others, digestAt(table, number)) === undefined) names.push(nameOf(table, number));
  }
  return names;
}

function nameOf({ names, nameStarts }: KeyTable, number: number): string {
  return names.slice(nameStarts[number], nameStarts[number + 1]);
}

function numberOf(table: KeyTable, blinded: Uint8Array): number | undefined {
  const { places } = table;
  for (let place = firstPlace(places, blinded); ; place = (place + 1) % places.length) {
    const taken = places[place] ?? 0;
    if (taken === 0) return undefined;
    if (timingSafeEqual(digestAt(table, taken - 1), blinded)) return taken - 1;
  }
}

function digestAt({ digests }: KeyTable, number: number): Uint8Array {
  return digests.subarray(number * DIGEST_BYTES, (number + 1) * DIGEST_BYTES);
}

function freePlace(places: Uint32Array, blinded: Uint8Array): number {
  let place = firstPlace(places, blinded);
  while (places[place] !== 0) place = (place + 1) % places.length;
  return place;
}

function firstPlace(places: Uint32Array, blinded: Uint8Array): number {
  return new DataView(blinded.buffer, blinded.byteOffset).getUint32(0) % places.length;
}

function blindDigest(digest: Uint8Array, blind: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([blind, digest]), 'buffer');
}
