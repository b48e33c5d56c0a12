import { isSchema, isSchemaNode, mapSubschemas, type Schema, type SchemaNode } from './subschemas.ts';

/** What names a dialect or a place in the world: neither changes what is valid, and both hinder whoever reads the schema. */
const NAMES = new Set(['$schema', '$id', 'id', '$vocabulary', '$comment']);

/**
 * A schema of draft-04 to 2020-12, or of OpenAPI 3.0, in the terms of 2020-12. What is malformed stays as it is, so that
 * the check against the schema of schemas finds it.
 */
export function normalizeSchema(schema: Schema): Schema {
  return normalizeNode(schema) as Schema;
}

function normalizeNode(node: SchemaNode): SchemaNode {
  if (typeof node === 'boolean') return node;
  const named = Object.fromEntries(
    // `id` is what draft-04 calls `$id`; anything but a text below it is somebody's own.
    Object.entries(node).filter(
      ([key, value]) => !(NAMES.has(key) && typeof value === 'string') && key !== '$vocabulary',
    ),
  );
  return toNullable(toLimits(toDependent(toTuple(mapSubschemas(named, normalizeNode)))));
}

/** A list as `items` is what 2020-12 calls `prefixItems`. */
function toTuple(schema: Record<string, unknown>): Record<string, unknown> {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items))
    return additionalItems === undefined ? schema : { ...rest, ...(items !== undefined && { items }) };
  return { ...rest, prefixItems: items, ...(additionalItems !== undefined && { items: additionalItems }) };
}

function toDependent(schema: Record<string, unknown>): Record<string, unknown> {
  const { dependencies, ...rest } = schema;
  if (!isSchema(dependencies)) return schema;
  const entries = Object.entries(dependencies);
  return {
    ...rest,
    dependentRequired: Object.fromEntries(entries.filter(([, value]) => Array.isArray(value))),
    dependentSchemas: Object.fromEntries(entries.filter(([, value]) => isSchemaNode(value))),
  };
}

/** Draft-04 says `minimum: 0, exclusiveMinimum: true`. */
function toLimits(schema: Record<string, unknown>): Record<string, unknown> {
  let limited = schema;
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const flag = limited[exclusive];
    if (typeof flag !== 'boolean') continue;
    const { [limit]: value, [exclusive]: _flag, ...rest } = limited;
    if (value === undefined) limited = rest;
    else limited = flag ? { ...rest, [exclusive]: value } : { ...rest, [limit]: value };
  }
  return limited;
}

/** OpenAPI 3.0 says `nullable: true`. */
function toNullable(schema: Record<string, unknown>): SchemaNode {
  const { nullable, ...rest } = schema;
  if (typeof nullable !== 'boolean') return schema;
  if (!nullable) return rest;
  const { enum: values, type } = rest;
  const isPlain = rest['$ref'] === undefined && rest['anyOf'] === undefined && rest['oneOf'] === undefined && rest['const'] === undefined; // prettier-ignore
  if (!isPlain || (type === undefined && !Array.isArray(values))) return { anyOf: [rest, { type: 'null' }] };
  return {
    ...rest,
    ...(type !== undefined && { type: [...new Set([type, 'null'].flat())] }),
    ...(Array.isArray(values) && { enum: [...new Set([...(values as unknown[]), null])] }),
  };
}
