/** A JSON Schema object as a client wrote it. */
export type Schema = Readonly<Record<string, unknown>>;
/** A schema, or a boolean in place of one. */
export type SchemaNode = Schema | boolean;

/** A schema below another, with the keys that lead to it. */
export interface Subschema {
  readonly steps: readonly string[];
  readonly node: SchemaNode;
}

/** The content of a keyword: a schema, a list of schemas, schemas by name; `items` contains a schema or a list of them. */
type Holding = 'schema' | 'list' | 'map' | 'schema or list';

const HOLDINGS = new Map<string, Holding>([
  ['items', 'schema or list'],
  ...['additionalItems', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else', 'propertyNames',
    'unevaluatedItems', 'unevaluatedProperties', 'contentSchema'].map((keyword) => [keyword, 'schema'] as const),
  ...['anyOf', 'oneOf', 'allOf', 'prefixItems'].map((keyword) => [keyword, 'list'] as const),
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'].map((keyword) => [keyword, 'map'] as const),
]); // prettier-ignore

/** Keywords whose schemas apply to the same value as the schema around them. */
const IN_PLACE = new Set(['anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies']);

/** The direct subschemas of a schema. Skips anything else in their place. */
export function* subschemasOf(schema: Schema): Generator<Subschema> {
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    switch (holdingOf(keyword, value)) {
      case 'schema':
        yield { steps: [keyword], node: value as SchemaNode };
        break;
      case 'list':
        for (const [index, node] of (value as unknown[]).entries())
          if (isSchemaNode(node)) yield { steps: [keyword, String(index)], node };
        break;
      case 'map':
        for (const [name, node] of Object.entries(value as Schema))
          if (isSchemaNode(node)) yield { steps: [keyword, name], node };
        break;
      default:
    }
  }
}

/** The kind of schemas that a keyword contains here; undefined if none. */
export function holdingOf(keyword: string, value: unknown): Exclude<Holding, 'schema or list'> | undefined {
  switch (HOLDINGS.get(keyword)) {
    case 'schema':
      return isSchemaNode(value) ? 'schema' : undefined;
    case 'list':
      return Array.isArray(value) ? 'list' : undefined;
    case 'map':
      return isSchema(value) ? 'map' : undefined;
    case 'schema or list':
      return Array.isArray(value) ? 'list' : isSchemaNode(value) ? 'schema' : undefined;
    case undefined:
      return undefined;
  }
}

/** All schemas of a document that are objects, the document first. */
export function allSchemas(root: Schema): Schema[] {
  const schemas = [root];
  const add = (node: unknown): void => {
    if (isSchema(node)) schemas.push(node);
  };
  // The list grows during the iteration.
  for (const schema of schemas) {
    for (const keyword of Object.keys(schema)) {
      const value = schema[keyword];
      const holding = holdingOf(keyword, value);
      if (holding === 'schema') add(value);
      else if (holding !== undefined) for (const node of Object.values(value as object)) add(node);
    }
  }
  return schemas;
}

/** Whether a subschema applies to the same value as the schema around it. */
export function appliesInPlace({ steps: [keyword = ''] }: Subschema): boolean {
  return IN_PLACE.has(keyword);
}

/** A copy of a schema whose direct subschemas are replaced. */
export function mapSubschemas(schema: Schema, replace: (node: SchemaNode) => unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = { ...schema };
  const replaceNode = (node: unknown): unknown => (isSchemaNode(node) ? replace(node) : node);
  for (const keyword of Object.keys(schema)) {
    const value = schema[keyword];
    switch (holdingOf(keyword, value)) {
      case 'schema':
        copy[keyword] = replace(value as SchemaNode);
        break;
      case 'list':
        copy[keyword] = (value as unknown[]).map(replaceNode);
        break;
      case 'map':
        copy[keyword] = Object.fromEntries(
          Object.entries(value as Schema).map(([name, node]) => [name, replaceNode(node)]),
        );
        break;
      default:
    }
  }
  return copy;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSchemaNode(value: unknown): value is SchemaNode {
  return typeof value === 'boolean' || isSchema(value);
}
