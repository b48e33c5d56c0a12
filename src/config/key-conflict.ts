interface NamedDigest {
  readonly name: string;
  readonly sha256: string;
}

/**
 * The conflict between keys: a name that occurs twice, or one key under two names, whose tenant would be ambiguous.
 * Undefined without one.
 */
export function keyConflict(keys: readonly NamedDigest[]): string | undefined {
  const names = new Set<string>();
  const nameOf = new Map<string, string>();
  for (const { name, sha256 } of keys) {
    if (names.has(name)) return `the name ${name} twice`;
    names.add(name);
    const digest = sha256.toLowerCase();
    const other = nameOf.get(digest);
    if (other !== undefined) return `the same key under two names, ${other} and ${name}`;
    nameOf.set(digest, name);
  }
  return undefined;
}
