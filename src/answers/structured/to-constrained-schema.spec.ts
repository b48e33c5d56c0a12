// Guarantee: decoding is held only to what leads to right answers: the API's subset, in which every answer can still be valid.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { OUTPUT_SHAPES } from '../../../test/support/output-schemas.ts';
import { normalizeSchema } from '../../turns/json-schema/normalize-schema.ts';
import { SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import { isSchema, subschemasOf, type Schema, type SchemaNode } from '../../turns/json-schema/subschemas.ts';
import { toConstrainedSchema } from './to-constrained-schema.ts';

const KNOWN_TO_THE_API = new Set([
  'type', 'properties', 'required', 'additionalProperties', 'items', 'minItems', 'enum', 'const', 'anyOf', 'format',
  '$ref', '$defs', 'title', 'description',
]); // prettier-ignore

function constrain(schema: Schema): Schema | undefined {
  const normalized = normalizeSchema(schema);
  return toConstrainedSchema(normalized, new SchemaReferences(normalized));
}

function assertInSubset(node: SchemaNode): void {
  assert.ok(isSchema(node), 'true and false are no schemas to the API');
  for (const keyword of Object.keys(node))
    assert.ok(KNOWN_TO_THE_API.has(keyword), `${keyword} is not known to the API`);
  if (node['type'] === 'object') assert.equal(node['additionalProperties'], false);
  if (node['minItems'] !== undefined) assert.ok(node['minItems'] === 0 || node['minItems'] === 1);
  if (node['$ref'] !== undefined) assert.deepEqual(Object.keys(node), ['$ref']);
  for (const { steps, node: child } of subschemasOf(node)) {
    if (steps[0] !== 'additionalProperties') assertInSubset(child);
  }
}

for (const { name, schema, by, valid } of OUTPUT_SHAPES) {
  test(`${name}: by ${by}`, () => {
    const constrained = constrain(schema);
    assert.equal(constrained === undefined, by === 'instruction');
    if (!constrained) return;
    assertInSubset(constrained);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    assert.ok(ajv.validate(constrained, valid), ajv.errorsText());
  });
}

test('where the schema is simple, the form is the one that the SDK of the API sends', () => {
  const simple = [
    'one text', 'every simple type', 'five levels of objects', 'a hundred properties', 'keys of any script',
    'an enum', 'an enum of mixed values', 'a constant', 'a list of objects', 'lists of lists', 'nullable by a list of types',
    'a union of objects', 'known formats', 'formats that nobody knows', 'bounds of numbers', 'a pattern that looks around',
  ]; // prettier-ignore
  for (const name of simple) {
    const { schema } = OUTPUT_SHAPES.find((shape) => shape.name === name)!;
    assert.deepEqual(constrain(schema), transformJSONSchema(schema), name);
  }
});

test('what the API does not know is told in the description', () => {
  const age = { type: 'integer', description: 'In years', minimum: 0, maximum: 150 };
  const constrained = constrain({ type: 'object', properties: { age } });
  assert.deepEqual(constrained?.['properties'], {
    age: { type: 'integer', description: 'In years\n\n{minimum: 0, maximum: 150}' },
  });
});

test('a schema that is referred to twice is defined once', () => {
  const constrained = constrain({
    type: 'object',
    properties: { a: { $ref: '#/definitions/x' }, b: { $ref: '#/definitions/x' } },
    definitions: { x: { type: 'string' }, unused: {} },
  });
  assert.deepEqual(constrained, {
    type: 'object',
    properties: { a: { $ref: '#/$defs/x_1' }, b: { $ref: '#/$defs/x_1' } },
    additionalProperties: false,
    $defs: { x_1: { type: 'string' } },
  });
});
