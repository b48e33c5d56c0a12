// Guarantee: a schema is said to be impossible only where no value is valid against it, and the ways in which clients make one
// impossible are found.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { findContradiction } from './find-contradiction.ts';
import { SchemaReferences } from '../../turns/json-schema/schema-references.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';

const find = (schema: object): string | undefined =>
  findContradiction(schema as Schema, new SchemaReferences(schema as Schema))?.text;
const needs = (schema: unknown, more: object = {}): object => ({ type: 'object', properties: { a: schema }, required: ['a'], ...more }); // prettier-ignore

const IMPOSSIBLE: [what: string, schema: object, reason: RegExp][] = [
  ['a property that is false', needs(false), /false allows no value/],
  ['a property in a property', needs(needs(false)), /false allows no value/],
  ['a name that is not allowed', { type: 'object', properties: { b: {} }, required: ['a'], additionalProperties: false }, /required property 'a' is not allowed/],
  ['a name that unevaluatedProperties does not allow', { type: 'object', required: ['a'], unevaluatedProperties: false }, /'a' is not allowed/],
  ['a name that another part of allOf does not allow', { type: 'object', additionalProperties: false, allOf: [needs({})] }, /'a' is not allowed/],
  ['a name that propertyNames excludes', needs({}, { propertyNames: { enum: ['b'] } }), /'propertyNames' excludes the required property 'a'/],
  ['a name that is too long for propertyNames', needs({}, { propertyNames: { maxLength: 0 } }), /'propertyNames' excludes/],
  ['additional properties that are impossible', { type: 'object', required: ['a'], additionalProperties: { type: 'string', minLength: 2, maxLength: 1 } }, /lower bound/],
  ['a name that another one requires', { type: 'object', properties: { a: {} }, required: ['a'], dependentRequired: { a: ['b'] }, additionalProperties: false }, /'b' is not allowed/],
  ['what depends on a required name', needs({}, { dependentSchemas: { a: { required: ['b'], maxProperties: 1 } } }), /more properties are required/],
  ['more names than are allowed', needs({}, { required: ['a', 'b'], maxProperties: 1 }), /more properties are required/],
  ['more properties than there are names', { type: 'object', properties: { a: {} }, additionalProperties: false, minProperties: 2 }, /more properties are required/],
  ['a const of another type', needs({ type: 'string', const: 1 }), /no value of 'enum' or 'const'/],
  ['an enum of another type', needs({ type: 'integer', enum: ['1', 1.5] }), /no value of 'enum' or 'const'/],
  ['a const that the enum lacks', needs({ enum: ['a', 'b'], const: 'c' }), /no value of 'enum' or 'const'/],
  ['an empty enum', needs({ enum: [] }), /no value of 'enum' or 'const'/],
  ['values out of bounds', needs({ enum: [1, 2], minimum: 3 }), /no value of 'enum' or 'const'/],
  ['values that are excluded', needs({ enum: [1], not: { const: 1 } }), /no value of 'enum' or 'const'/],
  ['an object that lacks what is required', needs({ const: { b: 1 }, required: ['a'] }), /no value of 'enum' or 'const'/],
  ['two consts of one property', { type: 'object', required: ['a'], allOf: [{ properties: { a: { const: 1 } } }, { properties: { a: { const: 2 } } }] }, /no value of 'enum' or 'const'/],
  ['types that exclude each other', needs({ type: 'string', allOf: [{ type: 'number' }] }), /types exclude each other/],
  ['a type behind a reference', { type: 'object', $ref: '#/$defs/s', $defs: { s: { type: 'string' } } }, /types exclude each other/],
  ['a type that is excluded', needs({ type: 'string', not: { type: ['string', 'null'] } }), /types exclude each other/],
  ['not of everything', needs({ not: {} }), /'not' excludes every value/],
  ['a text without a length', needs({ type: 'string', minLength: 2, maxLength: 1 }), /lower bound is above/],
  ['a number without a range', needs({ type: 'number', minimum: 1, exclusiveMaximum: 1 }), /lower bound is above/],
  ['an integer without a range', needs({ type: 'integer', minimum: 1.2, maximum: 1.8 }), /lower bound is above/],
  ['items without a count', needs({ type: 'array', minItems: 2, maxItems: 1 }), /more items are required/],
  ['items that are false', needs({ type: 'array', items: false, minItems: 1 }), /false allows no value/],
  ['more items than a closed tuple has', needs({ type: 'array', prefixItems: [{}], items: false, minItems: 2 }), /false allows no value/],
  ['an impossible place of a tuple', needs({ type: 'array', prefixItems: [{}, { enum: [] }], minItems: 2 }), /no value of 'enum'/],
  ['contains of what is impossible', needs({ type: 'array', contains: false }), /false allows no value/],
  ['more of contains than may be', needs({ type: 'array', contains: {}, minContains: 3, maxItems: 2 }), /more items are required/],
  ['minContains above maxContains', needs({ type: 'array', contains: {}, minContains: 3, maxContains: 2 }), /'minContains' is above/],
  ['alternatives that are all impossible', needs({ type: 'string', anyOf: [{ type: 'number' }, false] }), /types exclude each other/],
  ['oneOf that is impossible', { oneOf: [needs(false), { type: 'null', const: 1 }] }, /false allows no value/],
  ['itself without end', needs({ $ref: '#' }), /would have to hold itself/],
  ['itself without end, in a list', { type: 'array', items: { $ref: '#' }, minItems: 1 }, /would have to hold itself/],
  ['each other without end', { $ref: '#/$defs/x', $defs: { x: needs({ $ref: '#/$defs/y' }), y: needs({ anyOf: [{ $ref: '#/$defs/x' }] }) } }, /would have to hold itself/],
  ['a condition that is never met', { type: 'string', if: false, else: { maxLength: 1, minLength: 2 } }, /lower bound/],
]; // prettier-ignore
for (const [what, schema, reason] of IMPOSSIBLE) {
  test(`impossible: ${what}`, () => assert.match(find(schema) ?? '', reason));
}

const POSSIBLE: [what: string, schema: object, value: unknown][] = [
  ['no schema at all', {}, 1],
  ['false for an optional property', { type: 'object', properties: { a: false } }, {}],
  ['a name that a pattern allows', { type: 'object', required: ['a'], patternProperties: { '^a': {} }, additionalProperties: false }, { a: 1 }],
  ['another type', { type: ['string', 'null'], minLength: 2, maxLength: 1 }, null],
  ['another alternative', { anyOf: [false, { type: 'null' }] }, null],
  ['itself or nothing', needs({ anyOf: [{ $ref: '#' }, { type: 'null' }] }), { a: null }],
  ['itself in a list that may be empty', needs({ type: 'array', items: { $ref: '#' } }), { a: [] }],
  ['itself where it is optional', { type: 'object', properties: { a: { $ref: '#' } } }, {}],
  ['no items', { type: 'array', items: false }, []],
  ['contains of none', { type: 'array', contains: false, minContains: 0 }, []],
  ['one value left', { enum: ['a', 'b', 1], type: 'string', not: { const: 'a' } }, 'b'],
  ['names of objects', { type: 'object', properties: { constructor: {}, toString: {} }, required: ['constructor', 'toString'], additionalProperties: false }, { constructor: 1, toString: 2 }],
  ['unevaluatedProperties beside a reference', { $ref: '#/$defs/x', unevaluatedProperties: false, $defs: { x: needs({}) } }, { a: 1 }],
  ['unevaluatedProperties beside choices', { unevaluatedProperties: false, anyOf: [{ required: ['a'] }], allOf: [needs({})] }, { a: 1 }],
  ['a choice of required names', { type: 'object', properties: { a: {}, b: {} }, additionalProperties: false, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1 }],
  ['characters beyond the first plane', { const: '🦊', maxLength: 1 }, '🦊'],
]; // prettier-ignore
for (const [what, schema, value] of POSSIBLE) {
  test(`possible: ${what}`, () => {
    assert.ok(new Ajv2020({ strict: false, ownProperties: true }).compile(schema)(value));
    assert.equal(find(schema), undefined);
  });
}

test('no schema is impossible that a value is valid against', () => {
  const scalar = fc.constantFrom<unknown>(null, true, 0, 1, 1.5, 'a', 'bb', '');
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 2 }, scalar, fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b'), tie('value'))),
  })); // prettier-ignore
  const name = fc.constantFrom('a', 'b');
  const size = fc.nat(2);
  const { schema } = fc.letrec<{ schema: object | boolean }>((tie) => {
    const inner = tie('schema');
    const list = fc.array(inner, { minLength: 1, maxLength: 2 });
    const names = fc.dictionary(name, inner);
    const keywords: Record<string, fc.Arbitrary<unknown>> = {
      type: fc.uniqueArray(fc.constantFrom('null', 'boolean', 'string', 'number', 'integer', 'array', 'object'), { minLength: 1, maxLength: 3 }),
      enum: fc.array(value, { minLength: 1, maxLength: 3 }), const: value, minLength: size, maxLength: size,
      minimum: size, maximum: size, exclusiveMinimum: size, exclusiveMaximum: size,
      minItems: size, maxItems: size, items: inner, prefixItems: list, contains: inner, minContains: size, maxContains: size,
      properties: names, required: fc.uniqueArray(name), additionalProperties: inner, unevaluatedProperties: inner,
      patternProperties: fc.constantFrom({}, { a: {} }), propertyNames: inner, minProperties: size, maxProperties: size,
      dependentRequired: fc.dictionary(name, fc.uniqueArray(name)), dependentSchemas: names,
      anyOf: list, oneOf: list, allOf: list, not: inner,  $ref: fc.constantFrom('#/$defs/x', '#'),
    };
    for (const keyword of ['if', 'then', 'else']) keywords[keyword] = inner;
    const entries = Object.entries(keywords).map(([keyword, arbitrary]) => fc.tuple(fc.constant(keyword), arbitrary));
    const object = fc.uniqueArray(fc.oneof(...entries), { selector: ([keyword]) => keyword, maxLength: 5 }).map((pairs) => Object.fromEntries(pairs) as object);
    return { schema: fc.oneof({ maxDepth: 3 }, fc.boolean(), { arbitrary: object, weight: 5 }) };
  }); // prettier-ignore
  let decided = 0;
  fc.assert(
    fc.property(schema, schema, fc.array(value, { minLength: 20, maxLength: 20 }), (part, other, values) => {
      const document = JSON.parse(JSON.stringify({ ...needs(part), $defs: { x: other } })) as Schema;
      const references = new SchemaReferences(document);
      if (references.findCycle(true) || findContradiction(document, references) === undefined) return;
      decided += 1;
      const validate = new Ajv2020({ strict: false, ownProperties: true, logger: false }).compile(document);
      for (const a of JSON.parse(JSON.stringify(values)) as unknown[]) assert.ok(!validate({ a }), JSON.stringify([document, a]));
    }),
    { numRuns: 200 },
  );
  assert.ok(decided > 20);
}); // prettier-ignore
