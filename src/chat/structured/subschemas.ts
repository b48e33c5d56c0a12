/** A JSON Schema that is an object, as a client wrote it. */
export type Schema = Readonly<Record<string, unknown>>;
/** What may stand where a schema is expected. */
export type SchemaNode = Schema | boolean;

/** Where a schema stands below another, by the keys that lead to it. */
export interface Subschema {
  readonly steps: readonly string[];
  readonly node: SchemaNode;
}

const SINGLE = [
  'items', 'additionalItems', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else', 'propertyNames',
  'unevaluatedItems', 'unevaluatedProperties', 'contentSchema',
]; // prettier-ignore
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'];
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];

/** Keywords whose schemas apply to the very value that the schema around them applies to. */
const IN_PLACE = new Set(['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies']);

/** The schemas that stand directly below one. What is not a schema where one is expected is left out. */
export function* subschemasOf(schema: Schema): Generator<Subschema> {
  for (const keyword of SINGLE) {
    const node = schema[keyword];
    if (isSchemaNode(node)) yield { steps: [keyword], node };
  }
  for (const keyword of LISTS) {
    const nodes = schema[keyword];
    if (!Array.isArray(nodes)) continue;
    for (const [index, node] of nodes.entries())
      if (isSchemaNode(node)) yield { steps: [keyword, String(index)], node };
  }
  for (const keyword of MAPS) {
    const nodes = schema[keyword];
    if (!isSchema(nodes)) continue;
    for (const [name, node] of Object.entries(nodes)) if (isSchemaNode(node)) yield { steps: [keyword, name], node };
  }
}

/** Whether a subschema applies to the same value as the schema that it stands in. */
export function appliesInPlace({ steps: [keyword = ''] }: Subschema): boolean {
  return IN_PLACE.has(keyword);
}

/** A copy of a schema whose direct subschemas are replaced. */
export function mapSubschemas(schema: Schema, replace: (node: SchemaNode) => unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...schema };
  const replaceNode = (node: unknown): unknown => (isSchemaNode(node) ? replace(node) : node);
  for (const keyword of SINGLE) if (isSchemaNode(schema[keyword])) copy[keyword] = replace(schema[keyword]);
  for (const keyword of LISTS) {
    const nodes = schema[keyword];
    if (Array.isArray(nodes)) copy[keyword] = nodes.map(replaceNode);
  }
  for (const keyword of MAPS) {
    const nodes = schema[keyword];
    if (!isSchema(nodes)) continue;
    copy[keyword] = Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, replaceNode(node)]));
  }
  return copy;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSchemaNode(value: unknown): value is SchemaNode {
  return typeof value === 'boolean' || isSchema(value);
}
