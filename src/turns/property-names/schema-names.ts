import { allSchemas, isSchema, type Schema } from '../json-schema/subschemas.ts';

/** Property names that the Messages API accepts. */
const PROPERTY_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
const MAX_LENGTH = 64;

/** The property names in a schema itself, without nested ones. */
export function* namesIn(schema: Schema): Generator<string> {
  const { properties, required, dependentRequired, dependentSchemas, propertyNames } = schema;
  for (const named of [properties, dependentRequired, dependentSchemas]) if (isSchema(named)) yield* Object.keys(named);
  for (const list of [required, ...Object.values(isSchema(dependentRequired) ? dependentRequired : {})]) {
    if (Array.isArray(list)) yield* list.filter((name) => typeof name === 'string');
  }
  if (!isSchema(propertyNames)) return;
  const { enum: names, const: only } = propertyNames;
  yield* [names, only].flat().filter((name) => typeof name === 'string');
}

/**
 * The model's names for properties that the Messages API does not accept, by the client's names. They differ from all names
 * of the schema. Empty if the API accepts all names.
 */
export function assignNames(root: Schema): ReadonlyMap<string, string> {
  const foreign = new Set<string>();
  const schemas = allSchemas(root);
  for (const { properties } of schemas) {
    if (isSchema(properties))
      for (const name of Object.keys(properties)) if (!PROPERTY_NAME.test(name)) foreign.add(name);
  }
  const assigned = new Map<string, string>();
  if (foreign.size === 0) return assigned;
  // Assigning to `__proto__` of an object would set its prototype.
  const taken = new Set(['__proto__']);
  for (const schema of schemas) for (const name of namesIn(schema)) taken.add(name);
  for (const name of foreign) {
    const modelName = freeName(name, taken);
    taken.add(modelName);
    assigned.set(name, modelName);
  }
  return assigned;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const base = name.replaceAll(/[^a-zA-Z0-9_.-]/gu, '_').slice(0, MAX_LENGTH) || '_';
  let free = base;
  for (let repeat = 2; taken.has(free); repeat += 1) {
    const suffix = `_${repeat}`;
    free = base.slice(0, MAX_LENGTH - suffix.length) + suffix;
  }
  return free;
}
