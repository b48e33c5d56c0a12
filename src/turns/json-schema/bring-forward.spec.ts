// Guarantee: a schema of an older draft means in 2020-12 what it meant there, and one of 2020-12 stays as it is.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import Ajv from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { findSchemaProblem } from './schema-problem.ts';
import { bringForward, isOfOlderDraft } from './bring-forward.ts';
import { allSchemas, type Schema } from './subschemas.ts';

const nested = (schema: object): object => ({ type: 'object', properties: { a: { anyOf: [schema] } } });

const FORWARD: [what: string, older: object, newer: object][] = [
  ['exclusiveMinimum of draft-04', { minimum: 0, exclusiveMinimum: true }, { exclusiveMinimum: 0 }],
  ['exclusiveMinimum that is false', { minimum: 0, exclusiveMinimum: false }, { minimum: 0 }],
  ['exclusiveMaximum without a limit', { exclusiveMaximum: true }, {}],
  ['both limits', { minimum: 1, exclusiveMinimum: true, maximum: 2, exclusiveMaximum: true }, { exclusiveMinimum: 1, exclusiveMaximum: 2 }],
  ['a tuple', { items: [{ type: 'string' }, true] }, { prefixItems: [{ type: 'string' }, true] }],
  ['a closed tuple', { items: [{}], additionalItems: false }, { prefixItems: [{}], items: false }],
  ['an empty tuple', { items: [] }, {}],
  ['an empty tuple that is closed', { items: [], additionalItems: false }, { items: false }],
  ['additionalItems beside one schema', { items: {}, additionalItems: false }, { items: {} }],
  ['dependencies', { dependencies: { a: ['b'], c: { required: ['d'] }, e: 'f' } }, { dependentRequired: { a: ['b'], e: ['f'] }, dependentSchemas: { c: { required: ['d'] } } }],
  ['an id', { id: 'http://example.com/a#', type: 'string' }, { type: 'string' }],
  ['an id that is a fragment', { id: '#a' }, { $anchor: 'a' }],
  ['an $id that is a fragment', { $id: '#a' }, { $anchor: 'a' }],
  ['$recursiveRef', { $recursiveRef: '#' }, { $ref: '#' }],
  ['$recursiveAnchor', { $recursiveAnchor: true, type: 'object' }, { type: 'object' }],
]; // prettier-ignore
for (const [what, older, newer] of FORWARD) {
  test(`${what} is brought forward, wherever it stands`, () => {
    assert.deepEqual(bringForward(older as Schema), newer);
    assert.deepEqual(bringForward(nested(older) as Schema), nested(newer));
    assert.equal(findSchemaProblem(bringForward(nested(older) as Schema)), undefined);
    assert.ok(allSchemas(nested(older) as Schema).some(isOfOlderDraft));
  });
}

test('references follow what they refer to', () => {
  const older = {
    properties: { a: { $ref: '#/definitions/t/items/1' }, b: { $ref: '#/dependencies/x~1y' }, c: { $ref: '#/definitions/u/additionalItems' } },
    definitions: { t: { items: [{}, { type: 'string' }] }, u: { items: [{}], additionalItems: { type: 'null' } } },
    dependencies: { 'x/y': { type: 'object' } },
  }; // prettier-ignore
  assert.deepEqual(bringForward(older)['properties'], {
    a: { $ref: '#/definitions/t/prefixItems/1' },
    b: { $ref: '#/dependentSchemas/x~1y' },
    c: { $ref: '#/definitions/u/items' },
  });
});

const KEPT: [what: string, schema: object][] = [
  ['definitions', { $ref: '#/definitions/a%20b', definitions: { 'a b': { type: 'string' } } }],
  ['properties that are called like keywords', { properties: { id: { type: 'string' }, items: {}, dependencies: {}, exclusiveMinimum: {} } }],
  ['values that look like schemas', { enum: [{ id: 'x', items: [1] }], default: { id: 'x' }, const: { dependencies: {} } }],
  ['an id that is no text', { id: 5 }],
  ['what is malformed', { items: 5, dependencies: 5, exclusiveMinimum: 'x', minimum: 3 }],
  ['references to elsewhere', { $ref: 'https://example.com/schema#/items/0' }],
]; // prettier-ignore
for (const [what, schema] of KEPT) {
  test(`${what}: kept as they are`, () => {
    assert.equal(JSON.stringify(bringForward(schema as Schema)), JSON.stringify(schema));
    assert.ok(!allSchemas(schema as Schema).some(isOfOlderDraft));
  });
}

test('what is valid stays valid, and what is not stays so', () => {
  const older = {
    type: 'object',
    properties: { pair: { items: [{ type: 'string' }, { type: 'number' }], additionalItems: false }, first: { $ref: '#/properties/pair/items/0' } },
    dependencies: { first: ['pair'], pair: { properties: { first: { minLength: 2 } } } },
  }; // prettier-ignore
  const before = new Ajv.default({ strict: false }).compile(older);
  const after = new Ajv2020({ strict: false }).compile(bringForward(older));
  for (const value of [{}, { pair: [] }, { pair: ['a', 1] }, { pair: ['a', 1, 2] }, { pair: [1] }, { first: 'aa' }, { first: 'aa', pair: [] }, { first: 'a', pair: [] }, { first: 1, pair: [] }]) {
    assert.equal(after(value), before(value), JSON.stringify(value));
  }
}); // prettier-ignore
