import { referencesOf, type SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import {
  appliesInPlace,
  isSchema,
  isSchemaNode,
  subschemasOf,
  type Schema,
  type SchemaNode,
} from '../../turns/json-schema/subschemas.ts';
import {
  allowedKinds,
  couldBe,
  isEmptyRange,
  isIntegral,
  namedValues,
  numberOr,
  numberRange,
  sizeRange,
  stringsIn,
  type ValueKind,
} from './value-bounds.ts';

/** Why no value is valid, and the schema with the contradiction. */
export interface Contradiction {
  readonly text: string;
  readonly schema: Schema;
}

/** Keywords whose schemas `together` and `findInChoices` follow. */
const IN_PLACE = new Set(['anyOf', 'oneOf', 'allOf', '$ref', '$dynamicRef', 'if', 'then', 'else']);
/** Maximum examined schemas; beyond that the result is undecided. */
const MAX_STEPS = 20_000;

/**
 * Why no value can be valid against a schema of draft 2020-12, as far as analysis shows; undefined if it shows nothing.
 * Ignores patterns.
 */
export function findContradiction(root: Schema, references: SchemaReferences): Contradiction | undefined {
  return new Search(references).find([root], root);
}

class Search {
  private readonly numbers = new Map<Schema, number>();
  private readonly aloneSchemas = new Map<Schema, Schema>();
  /**
   * Combinations of schemas under examination. A value cannot contain itself, so they have no valid value below themselves.
   */
  private readonly open = new Set<string>();
  private readonly possible = new Set<string>();
  private steps = 0;

  constructor(private readonly references: SchemaReferences) {}

  /** Why no value is valid against all of these at once. */
  find(nodes: readonly SchemaNode[], around: Schema): Contradiction | undefined {
    const schemas = this.together(nodes);
    if (!schemas) return { text: 'a schema that is false allows no value', schema: around };
    const [first = around] = schemas;
    const key = schemas.map((schema) => this.numberOf(schema)).toSorted((left, right) => left - right).join(' '); // prettier-ignore
    if (this.open.has(key)) return { text: 'a value would have to hold itself', schema: first };
    this.steps += schemas.length;
    if (this.possible.has(key) || this.steps > MAX_STEPS) return undefined;
    this.open.add(key);
    const found = this.findIn(schemas, first);
    this.open.delete(key);
    if (!found) this.possible.add(key);
    return found;
  }

  private findIn(schemas: readonly Schema[], first: Schema): Contradiction | undefined {
    const excluding = schemas.find(({ not }) => not === true || (isSchema(not) && Object.keys(not).length === 0));
    if (excluding) return { text: "'not' excludes every value", schema: excluding };
    const named = namedValues(schemas);
    if (named) {
      const isLeft = named.some((value) => schemas.every((schema) => couldBe(value, schema)));
      return isLeft ? this.findInChoices(schemas) : { text: "no value of 'enum' or 'const' is allowed by the other keywords", schema: first }; // prettier-ignore
    }
    const kinds = [...allowedKinds(schemas)];
    if (kinds.length === 0) return { text: 'its types exclude each other', schema: first };
    let found: Contradiction | undefined;
    for (const kind of kinds) {
      const contradiction = this.findInKind(kind, schemas, first);
      if (!contradiction) return this.findInChoices(schemas);
      found = contradiction;
    }
    return found;
  }

  private findInKind(kind: ValueKind, schemas: readonly Schema[], first: Schema): Contradiction | undefined {
    switch (kind) {
      case 'null':
      case 'boolean':
        return undefined;
      case 'string':
        return bounds(sizeRange(schemas, 'minLength', 'maxLength'), true, first);
      case 'number':
        return bounds(numberRange(schemas), isIntegral(schemas), first);
      case 'array':
        return this.findInArray(schemas, first);
      case 'object':
        return this.findInObject(schemas, first);
    }
  }

  private findInArray(schemas: readonly Schema[], first: Schema): Contradiction | undefined {
    const contained = schemas.filter(({ contains, minContains }) => contains !== undefined && minContains !== 0);
    const { low, high } = sizeRange(schemas, 'minItems', 'maxItems');
    const least = Math.max(low, ...contained.map(({ minContains }) => numberOr(minContains, 1)));
    if (least > high) return { text: 'more items are required than are allowed', schema: first };
    for (const schema of contained) {
      if (numberOr(schema['minContains'], 1) > numberOr(schema['maxContains'], Infinity)) return { text: "'minContains' is above 'maxContains'", schema }; // prettier-ignore
      const contradiction = this.find([schema['contains'] as SchemaNode], schema);
      if (contradiction) return contradiction;
    }
    const positions = Math.max(...schemas.map(({ prefixItems }) => (Array.isArray(prefixItems) ? prefixItems.length : 0))) + 1; // prettier-ignore
    for (let position = 0; position < Math.min(least, positions); position += 1) {
      const contradiction = this.find(schemas.flatMap((schema) => itemNode(schema, position)), first); // prettier-ignore
      if (contradiction) return contradiction;
    }
    return undefined;
  }

  private findInObject(given: readonly Schema[], first: Schema): Contradiction | undefined {
    const required = requiredNames(given);
    const dependent = given.flatMap(({ dependentSchemas }) =>
      isSchema(dependentSchemas) ? Object.keys(dependentSchemas).flatMap((name) => (required.has(name) ? [dependentSchemas[name] as SchemaNode] : [])) : [],
    ); // prettier-ignore
    const schemas = dependent.length === 0 ? given : this.together([...given, ...dependent]);
    if (!schemas) return { text: 'what depends on a required property allows no value', schema: first };
    for (const name of requiredNames(schemas)) required.add(name);
    const { low, high } = sizeRange(schemas, 'minProperties', 'maxProperties');
    if (Math.max(low, required.size) > high) return { text: 'more properties are required than are allowed', schema: first }; // prettier-ignore
    for (const schema of schemas) {
      const names = closedNames(schema);
      if (names && names.length < low) return { text: 'more properties are required than are allowed', schema };
    }
    for (const name of required) {
      const contradiction = this.findInProperty(name, schemas, first);
      if (contradiction) return contradiction;
    }
    return undefined;
  }

  private findInProperty(name: string, schemas: readonly Schema[], first: Schema): Contradiction | undefined {
    const quoted = `the required property '${name.slice(0, 100)}'`;
    for (const schema of schemas) {
      const { propertyNames } = schema;
      if (propertyNames === false || (isSchema(propertyNames) && !isNameAllowed(name, propertyNames))) return { text: `'propertyNames' excludes ${quoted}`, schema }; // prettier-ignore
      if (closedNames(schema)?.includes(name) === false) return { text: `${quoted} is not allowed`, schema };
    }
    return this.find(schemas.flatMap((schema) => propertyNode(schema, name)), first); // prettier-ignore
  }

  /** Tests each choice with everything else, but not all combinations of choices. */
  private findInChoices(schemas: readonly Schema[]): Contradiction | undefined {
    for (const schema of schemas) {
      for (const keyword of ['anyOf', 'oneOf']) {
        const choices = schema[keyword];
        if (!Array.isArray(choices) || choices.length === 0) continue;
        const others = schemas.map((other) => this.alone(other));
        let found: Contradiction | undefined;
        const isPossible = choices.filter(isSchemaNode).some((choice) => {
          const contradiction = this.find([choice, ...others], schema);
          found ??= contradiction;
          return !contradiction;
        });
        if (!isPossible && found) return found;
      }
    }
    return undefined;
  }

  /** All schemas that apply because these do; undefined if one of them is false. */
  private together(nodes: readonly SchemaNode[]): Schema[] | undefined {
    const found = new Set<Schema>();
    const waiting = [...nodes];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node === false) return undefined;
      if (node === true || found.has(node)) continue;
      found.add(node);
      const { allOf, if: condition, then: whenTrue, else: whenFalse } = node;
      if (Array.isArray(allOf)) waiting.push(...allOf.filter(isSchemaNode));
      if (condition === true && isSchemaNode(whenTrue)) waiting.push(whenTrue);
      if (condition === false && isSchemaNode(whenFalse)) waiting.push(whenFalse);
      for (const reference of referencesOf(node)) {
        const target = this.references.resolve(reference)?.node;
        if (target !== undefined) waiting.push(target);
      }
    }
    return [...found];
  }

  /** A schema without its choices, and without the keywords that `together` has followed. */
  private alone(schema: Schema): Schema {
    let alone = this.aloneSchemas.get(schema);
    if (!alone) {
      const isOne = Object.keys(schema).every((keyword) => !IN_PLACE.has(keyword));
      const { unevaluatedProperties: _others, ...rest } = schema;
      alone = isOne ? schema : Object.fromEntries(Object.entries(rest).filter(([keyword]) => !IN_PLACE.has(keyword)));
      this.aloneSchemas.set(schema, alone);
    }
    return alone;
  }

  private numberOf(schema: Schema): number {
    let number = this.numbers.get(schema);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(schema, number);
    }
    return number;
  }
}

function bounds(
  range: Parameters<typeof isEmptyRange>[0],
  isInteger: boolean,
  schema: Schema,
): Contradiction | undefined {
  // prettier-ignore
  return isEmptyRange(range, isInteger) ? { text: 'its lower bound is above its upper bound', schema } : undefined;
}

/** The required names, and those that they require. */
function requiredNames(schemas: readonly Schema[]): Set<string> {
  const names = new Set(schemas.flatMap(({ required }) => stringsIn(required)));
  for (const name of names) {
    for (const { dependentRequired } of schemas) {
      if (!isSchema(dependentRequired) || !Object.hasOwn(dependentRequired, name)) continue;
      for (const other of stringsIn(dependentRequired[name])) names.add(other);
    }
  }
  return names;
}

/** The names that a schema allows; undefined if they are open or defined by patterns. */
function closedNames(schema: Schema): string[] | undefined {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema;
  const hasPatterns = isSchema(patternProperties) && Object.keys(patternProperties).length > 0;
  const isClosed = additionalProperties === false || (unevaluatedProperties === false && isAlone(schema));
  if (!isClosed || hasPatterns) return undefined;
  return isSchema(properties) ? Object.keys(properties).filter((name) => properties[name] !== false) : [];
}

/** Whether no other schema restricts the properties of the value. */
function isAlone(schema: Schema): boolean {
  return referencesOf(schema).length === 0 && ![...subschemasOf(schema)].some(appliesInPlace);
}

function propertyNode({ properties, patternProperties, additionalProperties }: Schema, name: string): SchemaNode[] {
  if (isSchema(properties) && Object.hasOwn(properties, name)) return [properties[name]].filter(isSchemaNode);
  const hasPatterns = isSchema(patternProperties) && Object.keys(patternProperties).length > 0;
  return hasPatterns ? [] : [additionalProperties].filter(isSchemaNode);
}

function itemNode({ prefixItems, items }: Schema, position: number): SchemaNode[] {
  return [(Array.isArray(prefixItems) ? (prefixItems as unknown[])[position] : undefined) ?? items].filter(
    isSchemaNode,
  );
}

function isNameAllowed(name: string, schema: Schema): boolean {
  const named = namedValues([schema]);
  return couldBe(name, schema) && (!named || named.includes(name));
}
