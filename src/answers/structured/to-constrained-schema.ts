import { pointerOf, type SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import { isSchema, type Schema, type SchemaNode } from '../../turns/json-schema/subschemas.ts';

/** Limits of the Messages API for one request. */
const MAX_OPTIONAL_PROPERTIES = 24;
const MAX_UNIONS = 16;
/** Far more than schemas need, and few enough to follow. */
const MAX_REFERENCES_IN_A_ROW = 100;

const STRING_FORMATS = new Set([
  'date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid',
]); // prettier-ignore

/** Restrictions that the API does not support; the description tells the model about them. */
const TOLD = new Set([
  'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'minProperties', 'maxProperties',
  'propertyNames', 'dependentRequired', 'not', 'default', 'examples', 'contentEncoding', 'contentMediaType',
]); // prettier-ignore

/** Keywords that may require what the API's form of the schema excludes, or that depend on what it lacks. */
const NEVER = [
  'patternProperties', 'prefixItems', 'if', 'then', 'else', 'dependentSchemas', 'unevaluatedProperties',
  'unevaluatedItems', '$dynamicRef', 'contentSchema',
]; // prettier-ignore

const ANNOTATIONS = new Set([
  'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$defs', 'definitions', '$anchor',
]); // prettier-ignore

const COMBINATIONS = ['anyOf', 'oneOf', 'allOf'] as const;

/** The schema has something that decoding cannot be constrained to. */
class NotConstrainableError extends Error {}

/**
 * The schema in the subset that the Messages API supports for constrained decoding: it allows little more than the
 * original, and excludes only what the original can do without. Undefined without such a form: recursion, maps, tuples,
 * values of any shape. After Anthropic's "Structured outputs" and the `transformJSONSchema` of its SDK.
 *
 * @param schema of draft 2020-12, with an object at the top level
 */
export function toConstrainedSchema(schema: Schema, references: SchemaReferences): Schema | undefined {
  if (references.findCycle()) return undefined;
  try {
    return new Constraint(references).whole(schema);
  } catch (error) {
    if (error instanceof NotConstrainableError) return undefined;
    throw error;
  }
}

class Constraint {
  private readonly definitions = new Map<string, { name: string; schema: Schema }>();
  private optionalProperties = 0;
  private unions = 0;
  private referencesInARow = 0;

  constructor(private readonly references: SchemaReferences) {}

  whole(schema: Schema): Schema {
    const root = this.resolveTop(schema);
    if (typeOf(root) !== 'object' || COMBINATIONS.some((keyword) => root[keyword] !== undefined)) {
      throw new NotConstrainableError('not an object at the top');
    }
    const constrained = this.part(root);
    if (this.optionalProperties > MAX_OPTIONAL_PROPERTIES) throw new NotConstrainableError('optional properties');
    if (this.unions > MAX_UNIONS) throw new NotConstrainableError('unions');
    if (this.definitions.size === 0) return constrained;
    const definitions = [...this.definitions.values()].map(({ name, schema }) => [name, schema] as const);
    return { ...constrained, $defs: Object.fromEntries(definitions) };
  }

  /** The API requires an object at the top level; generators often put a reference there. */
  private resolveTop(schema: Schema): Schema {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return schema;
    const target = this.references.resolve(reference)?.node;
    return isSchema(target) ? this.resolveTop(target) : schema;
  }

  private part(node: SchemaNode): Schema {
    if (!isSchema(node)) throw new NotConstrainableError('any value, or none');
    if (typeof node['$ref'] === 'string') {
      if (!isAnnotated(node, '$ref')) throw new NotConstrainableError('a reference beside other keywords');
      return { $ref: this.define(node['$ref']) };
    }
    const excluded = NEVER.find((keyword) => node[keyword] !== undefined);
    if (excluded !== undefined) throw new NotConstrainableError(excluded);
    const { allOf } = node;
    if (Array.isArray(allOf)) return this.wrapped(node, allOf as SchemaNode[]);
    const shape = this.shape(node);
    return { ...shape, ...annotations(node, shape) };
  }

  /** Generators write `allOf` around one schema to add a description to a reference. */
  private wrapped(node: Schema, [only, ...more]: readonly SchemaNode[]): Schema {
    if (only === undefined || more.length > 0 || !isAnnotated(node, 'allOf')) throw new NotConstrainableError('allOf');
    return this.part(only);
  }

  private shape(node: Schema): Schema {
    const variants = node['anyOf'] ?? node['oneOf'];
    if (Array.isArray(variants)) return this.union(node, variants as SchemaNode[]);
    const { enum: values } = node;
    if (Array.isArray(values)) return { enum: literals(values) };
    if (node['const'] !== undefined) return { const: literals([node['const']])[0] };
    const type = typeOf(node);
    if (Array.isArray(type)) return this.types(node, type as string[]);
    switch (type) {
      case 'object':
        return this.object(node);
      case 'array':
        return this.array(node);
      case 'string':
        return { type, ...(STRING_FORMATS.has(String(node['format'])) && { format: node['format'] }) };
      case 'number':
      case 'integer':
      case 'boolean':
      case 'null':
        return { type };
      default:
        throw new NotConstrainableError('no type');
    }
  }

  private union(node: Schema, variants: readonly SchemaNode[]): Schema {
    const narrowing = ['properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'format'];
    const isBoth = node['anyOf'] !== undefined && node['oneOf'] !== undefined;
    if (isBoth || narrowing.some((keyword) => node[keyword] !== undefined)) {
      throw new NotConstrainableError('a union beside other keywords');
    }
    this.unions += 1;
    return { anyOf: variants.map((variant) => this.part(variant)) };
  }

  private types(node: Schema, types: readonly string[]): Schema {
    if (types.length === 1) return this.shape({ ...node, type: types[0] });
    this.unions += 1;
    if (!types.includes('object') && !types.includes('array')) return { type: types };
    return { anyOf: types.map((type) => this.shape({ ...node, type })) };
  }

  private object(node: Schema): Schema {
    const properties = isSchema(node['properties']) ? node['properties'] : {};
    const names = Object.keys(properties);
    const { additionalProperties: others } = node;
    // Closing such an object would defeat its purpose.
    const isOpen = others === undefined ? names.length === 0 : others !== false;
    if (isOpen) throw new NotConstrainableError('an object with properties of any name');
    const required = Array.isArray(node['required']) ? (node['required'] as string[]) : [];
    if (required.some((name) => !Object.hasOwn(properties, name))) throw new NotConstrainableError('required');
    this.optionalProperties += names.length - new Set(required).size;
    return {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, this.part(property as SchemaNode)]),
      ),
      ...(node['required'] !== undefined && { required }),
      additionalProperties: false,
    };
  }

  private array(node: Schema): Schema {
    const { items, minItems } = node;
    if (items === undefined) throw new NotConstrainableError('items of any shape');
    return {
      type: 'array',
      items: this.part(items as SchemaNode),
      ...((minItems === 0 || minItems === 1) && { minItems }),
    };
  }

  /** Puts the target below `$defs`, once, and returns the reference to it. */
  private define(reference: string): string {
    const target = this.references.resolve(reference);
    if (!target) throw new NotConstrainableError('a reference');
    const pointer = pointerOf(target.steps);
    let definition = this.definitions.get(pointer);
    if (!definition) {
      const last = target.steps.at(-1) ?? '';
      const name = `${/^[\w-]{1,50}$/.test(last) ? last : 'definition'}_${this.definitions.size + 1}`;
      definition = { name, schema: {} };
      this.definitions.set(pointer, definition);
      this.referencesInARow += 1;
      if (this.referencesInARow > MAX_REFERENCES_IN_A_ROW) throw new NotConstrainableError('references');
      definition.schema = this.part(target.node);
      this.referencesInARow -= 1;
    }
    return `#/$defs/${definition.name}`;
  }
}

/** Whether only annotations and definitions accompany a keyword. */
function isAnnotated(node: Schema, keyword: string): boolean {
  return Object.keys(node).every((other) => other === keyword || ANNOTATIONS.has(other));
}

/** The annotations for the model, besides the shape. */
function annotations(node: Schema, shape: Schema): Record<string, unknown> {
  const { title, description } = node;
  const told = Object.keys(node).filter((keyword) => TOLD.has(keyword) && shape[keyword] === undefined);
  const notes = told.map((keyword) => `${keyword}: ${JSON.stringify(node[keyword])}`).join(', ');
  const words = [description, ...(notes === '' ? [] : [`{${notes}}`])].filter((part) => typeof part === 'string');
  return {
    ...(typeof title === 'string' && { title }),
    ...(words.length > 0 && { description: words.join('\n\n') }),
  };
}

/** The type, or the type that the keywords of a schema imply. */
function typeOf(schema: Schema): unknown {
  if (schema['type'] !== undefined) return schema['type'];
  if (schema['properties'] !== undefined) return 'object';
  return schema['items'] === undefined ? undefined : 'array';
}

function literals(values: readonly unknown[]): unknown[] {
  if (values.some((value) => typeof value === 'object' && value !== null)) throw new NotConstrainableError('literals');
  return [...values];
}
