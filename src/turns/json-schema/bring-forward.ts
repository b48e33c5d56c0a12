import { rewritePointer, type PointerStep } from './rewrite-pointer.ts';
import { isSchema, isSchemaNode, mapSubschemas, type Schema, type SchemaNode } from './subschemas.ts';

/** The name of a 2020-12 anchor; older drafts write it as an `id` or `$id` that is a fragment. */
const ANCHOR = /^#([A-Za-z_][\w.-]*)$/;

/** Whether a schema itself, without nested ones, has something that 2020-12 refuses or interprets differently. */
export function isOfOlderDraft({ items, additionalItems, dependencies, id, $id, ...schema }: Schema): boolean {
  return (
    Array.isArray(items) ||
    additionalItems !== undefined ||
    isSchema(dependencies) ||
    typeof schema['exclusiveMinimum'] === 'boolean' ||
    typeof schema['exclusiveMaximum'] === 'boolean' ||
    typeof id === 'string' ||
    (typeof $id === 'string' && ANCHOR.test($id)) ||
    typeof schema['$recursiveRef'] === 'string' ||
    typeof schema['$recursiveAnchor'] === 'boolean'
  );
}

/**
 * Converts a schema of draft-04 to 2019-09 to 2020-12 with the same meaning. Leaves malformed parts unchanged, so that the
 * check against the meta-schema finds them.
 */
export function bringForward(schema: Schema): Schema {
  const forward = (node: SchemaNode): SchemaNode => {
    if (typeof node === 'boolean') return node;
    const renamed = toTuple(toDependent(toLimits(toAnchor(mapSubschemas(node, forward)))));
    return toReference(renamed, (reference) => rewritePointer(reference, schema, stepForward));
  };
  return forward(schema) as Schema;
}

/** Converts a list as `items` to `prefixItems`. */
function toTuple(schema: Record<string, unknown>): Record<string, unknown> {
  const { items, additionalItems, ...rest } = schema;
  if (!Array.isArray(items))
    return additionalItems === undefined ? schema : { ...rest, ...(items !== undefined && { items }) };
  return {
    ...rest,
    // 2020-12 allows no empty list.
    ...(items.length > 0 && { prefixItems: items }),
    ...(additionalItems !== undefined && { items: additionalItems }),
  };
}

function toDependent(schema: Record<string, unknown>): Record<string, unknown> {
  const { dependencies, ...rest } = schema;
  if (!isSchema(dependencies)) return schema;
  const entries = Object.entries(dependencies);
  return {
    ...rest,
    // In draft-03 a single name needs no list.
    dependentRequired: Object.fromEntries(
      entries.flatMap(([name, value]) => (isSchemaNode(value) ? [] : [[name, [value].flat()]])),
    ),
    dependentSchemas: Object.fromEntries(entries.filter(([, value]) => isSchemaNode(value))),
  };
}

/** Converts draft-04's `minimum: 0, exclusiveMinimum: true`. */
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

/** Converts `id` of draft-04, which has no meaning in 2020-12. Up to draft-07 both can name a fragment. */
function toAnchor(schema: Record<string, unknown>): Record<string, unknown> {
  let named = schema;
  for (const keyword of ['id', '$id']) {
    const { [keyword]: name, ...rest } = named;
    if (typeof name !== 'string') continue;
    const anchor = ANCHOR.exec(name)?.[1];
    if (anchor !== undefined) named = { ...rest, $anchor: anchor };
    else if (keyword === 'id') named = rest;
  }
  return named;
}

/** Converts 2019-09's references of a schema to itself, and references to moved schemas. */
function toReference(schema: Record<string, unknown>, rewrite: (reference: string) => string): Record<string, unknown> {
  const { $recursiveRef: recursive, $recursiveAnchor: anchor, ...rest } = schema;
  const kept = typeof recursive === 'string' || typeof anchor === 'boolean' ? rest : schema;
  const reference = typeof recursive === 'string' ? recursive : schema['$ref'];
  return typeof reference === 'string' ? { ...kept, $ref: rewrite(reference) } : kept;
}

/** The 2020-12 step for a keyword of an older draft. */
function stepForward(schema: Schema, step: PointerStep): PointerStep {
  const [keyword, name] = step;
  if (keyword === 'items' && name !== undefined) return ['prefixItems', name];
  if (keyword === 'additionalItems' && Array.isArray(schema['items'])) return ['items'];
  return keyword === 'dependencies' && name !== undefined ? ['dependentSchemas', name] : step;
}
