import { bringForward } from './bring-forward.ts';
import { mapSubschemas, type Schema, type SchemaNode } from './subschemas.ts';

/** Identifiers and comments: they do not affect validity, but hinder users of the schema. */
const NAMES = new Set(['$schema', '$id', '$vocabulary', '$comment']);

/**
 * Converts a schema of draft-04 to 2020-12, or of OpenAPI 3.0, to 2020-12. Leaves malformed parts unchanged, so that the
 * check against the meta-schema finds them.
 */
export function normalizeSchema(schema: Schema): Schema {
  return normalizeNode(bringForward(schema)) as Schema;
}

function normalizeNode(node: SchemaNode): SchemaNode {
  if (typeof node === 'boolean') return node;
  const named = Object.fromEntries(
    Object.entries(node).filter(
      ([key, value]) => !(NAMES.has(key) && typeof value === 'string') && key !== '$vocabulary',
    ),
  );
  return toNullable(mapSubschemas(named, normalizeNode));
}

/** Converts OpenAPI 3.0's `nullable: true`. */
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
