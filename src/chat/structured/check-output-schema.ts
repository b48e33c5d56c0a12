import { isSmallJson } from '../../common/body/is-small-json.ts';
import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import { findSchemaProblem, pathInto } from '../schema-problem.ts';
import { pointerOf, referencesOf, type Place, type SchemaReferences } from './schema-references.ts';
import { isSchema, type Schema } from './subschemas.ts';

/** Where the schema stands in the body. */
const FIELD = 'response_format.json_schema.schema';

/** OpenAI's own limits where it has them, or more. */
export const SCHEMA_LIMITS = {
  /** Of the schema as JSON. */
  characters: 200_000,
  /** Schemas within schemas, properties included. */
  schemas: 5_000,
  properties: 5_000,
  /** Values of `enum`, all together. */
  enumValues: 5_000,
  /** How many schemas stand one within another. */
  depth: 64,
};

/** Refuses a schema that is larger than can be used; before anything else is done with it. */
export function checkSize(schema: Schema): void {
  // First as far as it can be told quickly: nothing is written shorter than it is.
  const isSmall = isSmallJson(schema, { characters: SCHEMA_LIMITS.characters, values: SCHEMA_LIMITS.characters });
  if (!isSmall || JSON.stringify(schema).length > SCHEMA_LIMITS.characters) {
    throw invalidSchema(`it has more than ${SCHEMA_LIMITS.characters} characters`, []);
  }
}

/** Refuses what is no JSON Schema. */
export function checkSyntax(schema: Schema): void {
  const problem = findSchemaProblem(schema);
  if (problem) throw invalidSchema(problem.text, problem.steps);
}

/** Refuses a schema with too many parts, or with references that lead nowhere or round in a circle. */
export function checkStructure(references: SchemaReferences): void {
  const { places } = references;
  if (places.length > SCHEMA_LIMITS.schemas) {
    throw invalidSchema(`it has ${places.length} parts, of which ${SCHEMA_LIMITS.schemas} are allowed`, []);
  }
  let properties = 0;
  let enumValues = 0;
  for (const place of places) {
    if (place.depth > SCHEMA_LIMITS.depth) {
      throw invalidSchema(`it is nested more than ${SCHEMA_LIMITS.depth} schemas deep`, place.steps);
    }
    if (!isSchema(place.node)) continue;
    properties += Object.keys(place.node['properties'] ?? {}).length;
    if (properties > SCHEMA_LIMITS.properties) {
      throw invalidSchema(`it has more than ${SCHEMA_LIMITS.properties} properties`, [...place.steps, 'properties']);
    }
    enumValues += Array.isArray(place.node['enum']) ? place.node['enum'].length : 0;
    if (enumValues > SCHEMA_LIMITS.enumValues) {
      throw invalidSchema(`it has more than ${SCHEMA_LIMITS.enumValues} enum values`, [...place.steps, 'enum']);
    }
    checkReferences(place, references);
  }
  const circle = references.findCycle(true);
  if (circle) throw invalidSchema(`'${pointerOf(circle.steps)}' refers to nothing but itself`, circle.steps);
}

export function invalidSchema(problem: string, steps: readonly string[]): GatewayError {
  const message = `Invalid schema for '${FIELD}': ${problem}.`;
  return invalidRequest(message, pathInto(FIELD, steps), 'invalid_json_schema');
}

function checkReferences({ steps, node }: Place, references: SchemaReferences): void {
  if (!isSchema(node)) return;
  const wrong = referencesOf(node).find((reference) => !references.resolve(reference));
  if (wrong === undefined) return;
  const why = wrong.startsWith('#')
    ? 'leads to no schema within it'
    : 'leads out of it; put what it refers to below $defs';
  const keyword = node['$ref'] === wrong ? '$ref' : '$dynamicRef';
  throw invalidSchema(`the reference '${wrong.slice(0, 200)}' ${why}`, [...steps, keyword]);
}
