import { isSmallJson } from '../../common/body/is-small-json.ts';
import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import { namesIn } from '../../turns/property-names/schema-names.ts';
import { findSchemaProblem, pathInto } from '../../turns/json-schema/schema-problem.ts';
import { findContradiction } from './find-contradiction.ts';
import {
  pointerOf,
  referencesOf,
  type Place,
  type SchemaReferences,
} from '../../turns/json-schema/schema-references.ts';
import { isSchema, type Schema } from '../../turns/json-schema/subschemas.ts';

/** At least the limits of other services. */
export const SCHEMA_LIMITS = {
  /** Length of the schema as JSON. */
  characters: 200_000,
  /** Nested schemas, including properties. */
  schemas: 5_000,
  properties: 5_000,
  /** All values of `enum` together. */
  enumValues: 5_000,
  /** Maximum nesting depth of schemas. */
  depth: 64,
};

/** Refuses a schema that is too large; call before anything else is done with it. */
export function checkSize(schema: Schema, field: string): void {
  // The quick check first: JSON is never shorter than its parts.
  const isSmall = isSmallJson(schema, { characters: SCHEMA_LIMITS.characters, values: SCHEMA_LIMITS.characters });
  if (!isSmall || JSON.stringify(schema).length > SCHEMA_LIMITS.characters) {
    throw invalidSchema(`it has more than ${SCHEMA_LIMITS.characters} characters`, field);
  }
}

/** Refuses anything but a JSON Schema. */
export function checkSyntax(schema: Schema, field: string): void {
  const problem = findSchemaProblem(schema);
  if (problem) throw invalidSchema(problem.text, field, problem.steps);
}

/** Refuses a schema with too many parts, or with unresolved or circular references. */
export function checkStructure(references: SchemaReferences, field: string): void {
  const { places } = references;
  if (places.length > SCHEMA_LIMITS.schemas) {
    throw invalidSchema(`it has ${places.length} parts, of which ${SCHEMA_LIMITS.schemas} are allowed`, field);
  }
  let properties = 0;
  let enumValues = 0;
  for (const place of places) {
    if (place.depth > SCHEMA_LIMITS.depth) {
      throw invalidSchema(`it is nested more than ${SCHEMA_LIMITS.depth} schemas deep`, field, place.steps);
    }
    if (!isSchema(place.node)) continue;
    properties += Object.keys(place.node['properties'] ?? {}).length;
    if (properties > SCHEMA_LIMITS.properties) {
      throw invalidSchema(`it has more than ${SCHEMA_LIMITS.properties} properties`, field, [
        ...place.steps,
        'properties',
      ]);
    }
    enumValues += Array.isArray(place.node['enum']) ? place.node['enum'].length : 0;
    if (enumValues > SCHEMA_LIMITS.enumValues) {
      throw invalidSchema(`it has more than ${SCHEMA_LIMITS.enumValues} enum values`, field, [...place.steps, 'enum']);
    }
    checkNames(place, field);
    checkReferences(place, references, field);
  }
  const circle = references.findCycle(true);
  if (circle) throw invalidSchema(`'${pointerOf(circle.steps)}' refers to nothing but itself`, field, circle.steps);
}

/** Refuses a schema that no answer can satisfy: it would cost two model calls in vain. */
export function checkPossible(schema: Schema, references: SchemaReferences, field: string): void {
  const contradiction = findContradiction(schema, references);
  if (!contradiction) return;
  const place = references.places.find(({ node }) => node === contradiction.schema);
  throw invalidSchema(`no value can be valid against it: ${contradiction.text}`, field, place?.steps);
}

export function invalidSchema(problem: string, field: string, steps: readonly string[] = []): GatewayError {
  const message = `Invalid schema for '${field}': ${problem}.`;
  return invalidRequest(message, pathInto(field, steps), 'invalid_json_schema');
}

/** The checker never checks such a property, and rejects it if `additionalProperties` is false. */
function checkNames({ steps, node }: Place, field: string): void {
  if (!isSchema(node)) return;
  for (const name of namesIn(node)) {
    if (name === '__proto__') throw invalidSchema("a property cannot be called '__proto__'", field, steps);
  }
}

function checkReferences({ steps, node }: Place, references: SchemaReferences, field: string): void {
  if (!isSchema(node)) return;
  const wrong = referencesOf(node).find((reference) => !references.resolve(reference));
  if (wrong === undefined) return;
  const why = wrong.startsWith('#')
    ? 'leads to no schema within it'
    : 'leads out of it; put what it refers to below $defs';
  const keyword = node['$ref'] === wrong ? '$ref' : '$dynamicRef';
  throw invalidSchema(`the reference '${wrong.slice(0, 200)}' ${why}`, field, [...steps, keyword]);
}
