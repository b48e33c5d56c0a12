// Guarantee: the model is given names of properties that the Messages API takes, no two of them alike, and the client gets
// its own names back, wherever they stand and however the arguments are cut into pieces.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { allSchemas, type Schema } from '../json-schema/subschemas.ts';
import { SchemaReferences } from '../json-schema/schema-references.ts';
import { PropertyNames } from './property-names.ts';
import { toClientNames, toModelNames } from './rename-value.ts';
import { assignNames } from './schema-names.ts';
import { SchemaShapes } from './schema-shape.ts';

const object = (properties: object, more: object = {}): Schema => ({ type: 'object', properties, ...more });
const text = { type: 'string' };

function namesOf(schema: Schema): PropertyNames {
  const names = PropertyNames.of(schema);
  assert.ok(names);
  for (const { properties } of allSchemas(names.modelSchema)) {
    for (const name of Object.keys(properties ?? {})) assert.match(name, /^[a-zA-Z0-9_.-]{1,64}$/);
  }
  return names;
}

/** The model's names of the properties at the top. */
const topNames = (schema: Schema): string[] => Object.keys(namesOf(schema).modelSchema['properties'] as object);

/** What the client gets of arguments that the model gives in pieces of a length. */
function rewritten(schema: Schema, json: string, length: number): string {
  const rewriter = namesOf(schema).rewriter();
  let result = '';
  for (let start = 0; start < json.length; start += length) result += rewriter.push(json.slice(start, start + length));
  return result + rewriter.flush();
}

test('names that the API takes stay as they are', () => {
  assert.equal(
    PropertyNames.of(object({ a: text, 'b.c-d_E': text, ['k'.repeat(64)]: text, __proto__x: {} })),
    undefined,
  );
});

const NAMES: [clients: string[], models: string[]][] = [
  [
    ['$top', 'filter[id]', '@x'],
    ['_top', 'filter_id_', '_x'],
  ],
  [
    ['a b', 'a_b', 'a-b'],
    ['a_b_2', 'a_b', 'a-b'],
  ],
  [
    ['$a', '@a', '_a', '_a_2'],
    ['_a_3', '_a_4', '_a', '_a_2'],
  ],
  [
    ['', ' '],
    ['_', '__2'],
  ],
  [
    ['名前', '🦊'],
    ['__', '_'],
  ],
  [
    ['k'.repeat(65), 'k'.repeat(64)],
    [`${'k'.repeat(62)}_2`, 'k'.repeat(64)],
  ],
  [
    ['$_proto__', '@constructor'],
    ['__proto___2', '_constructor'],
  ],
];
for (const [clients, models] of NAMES) {
  test(`${JSON.stringify(clients).slice(0, 60)} are given as ${JSON.stringify(models).slice(0, 60)}`, () => {
    const properties = Object.fromEntries(clients.map((name) => [name, text]));
    assert.deepEqual(topNames(object(properties)), models);
    assert.deepEqual(topNames(object({ ...properties })), models, 'the same each time');
  });
}

test('no name clashes with one that is only required, or that another schema of the document has', () => {
  const schema = object({ $a: text, $b: text, $c: text }, { required: ['_a'], dependentRequired: { x: ['_b'] }, $defs: { d: object({ _c: text }) } }); // prettier-ignore
  assert.deepEqual(topNames(schema), ['_a_2', '_b_2', '_c_2']);
});

test('what speaks of a property speaks of its new name, and the title says what the client calls it', () => {
  const schema = object(
    {
      $top: { type: 'integer', default: 5 },
      $skip: true,
      '@never': false,
      filter: object({ 'a b': { title: 'mine', type: 'string' } }, { required: ['a b'], default: { 'a b': 'x', other: 1 } }),
      list: { type: 'array', items: { $ref: '#/$defs/e%20f' } },
      same: { $ref: '#/properties/filter/properties/a b' },
    },
    {
      required: ['$top', 'filter'],
      dependentRequired: { $top: ['$skip', 'filter'] },
      dependentSchemas: { $skip: { properties: { $top: { minimum: 1 } } } },
      propertyNames: { enum: ['$top', 'filter'] },
      examples: [{ $top: 1, filter: { 'a b': '$top' } }],
      $defs: { 'e f': object({ $top: { enum: ['$top'] } }) },
    },
  ); // prettier-ignore
  assert.deepEqual(namesOf(schema).modelSchema, {
    type: 'object',
    properties: {
      _top: { title: '$top', type: 'integer', default: 5 },
      _skip: { title: '$skip' },
      _never: false,
      filter: object({ a_b: { title: 'mine', type: 'string' } }, { required: ['a_b'], default: { a_b: 'x', other: 1 } }),
      list: { type: 'array', items: { $ref: '#/$defs/e%20f' } },
      same: { $ref: '#/properties/filter/properties/a_b' },
    },
    required: ['_top', 'filter'],
    dependentRequired: { _top: ['_skip', 'filter'] },
    dependentSchemas: { _skip: { properties: { _top: { title: '$top', minimum: 1 } } } },
    propertyNames: { enum: ['_top', 'filter'] },
    examples: [{ _top: 1, filter: { a_b: '$top' } }],
    $defs: { 'e f': object({ _top: { title: '$top', enum: ['$top'] } }) },
  }); // prettier-ignore
});

const NESTED = object(
  {
    '@type': text,
    'filter[id]': object({ $eq: text }, { additionalProperties: object({ '@deep': text }) }),
    list: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/node' }, text] } },
    pair: { type: 'array', prefixItems: [text, object({ $second: text })] },
    free: { type: 'object' },
    all: { allOf: [object({ $one: text }), { if: {}, else: object({ $two: text }) }] },
    map: { type: 'object', patternProperties: { '^x': object({ $value: text }) } },
  },
  { $defs: { node: object({ '@id': text, children: { type: 'array', items: { $ref: '#/$defs/node' } } }) } },
); // prettier-ignore

const ARGUMENTS: [what: string, clients: object, models: object][] = [
  ['at the top', { '@type': '$top', list: [] }, { _type: '$top', list: [] }],
  ['in an object', { 'filter[id]': { $eq: 'x' } }, { filter_id_: { _eq: 'x' } }],
  ['in properties of any name', { 'filter[id]': { any: { '@deep': '1' } } }, { filter_id_: { any: { _deep: '1' } } }],
  ['in a list, and in schemas that contain themselves', { list: [{ '@id': 'a', children: [{ '@id': 'b' }, {}] }, '@id'] }, { list: [{ _id: 'a', children: [{ _id: 'b' }, {}] }, '@id'] }],
  ['in a tuple', { pair: ['$second', { $second: '' }] }, { pair: ['$second', { _second: '' }] }],
  ['in alternatives and conditions', { all: { $one: '1', $two: '2' } }, { all: { _one: '1', _two: '2' } }],
  ['in properties of a pattern', { map: { x1: { $value: 'v' } } }, { map: { x1: { _value: 'v' } } }],
  ['not where the schema says nothing of it', { free: { _type: 1, '@type': 2, _id: { _eq: 3 } } }, { free: { _type: 1, '@type': 2, _id: { _eq: 3 } } }],
]; // prettier-ignore
for (const [what, clients, models] of ARGUMENTS) {
  test(`arguments have the names of their side: ${what}`, () => {
    const names = namesOf(NESTED);
    assert.deepEqual(names.toModel(clients), models);
    assert.deepEqual(names.toClient(models), clients);
    for (const length of [1, 2, 5, 1000]) assert.deepEqual(JSON.parse(rewritten(NESTED, JSON.stringify(models), length)), clients); // prettier-ignore
  });
}

test('arguments of the history lose nothing where they use a name that the model has for another', () => {
  const names = namesOf(object({ $id: text }));
  assert.deepEqual(names.toModel({ $id: 'a', _id: 'b', _id_: 'c' }), { _id: 'a', _id__: 'b', _id_: 'c' });
  assert.deepEqual(names.toModel({ _id: 'b' }), { _id: 'b' });
});

test('in a stream everything but the names stays as it is, to the character', () => {
  const json =
    '\n{ "\\u005ftype" : "_type\\"{_type:", "list":[ {"_id" :1.50e3,"x":{"_id":null}},12345678901234567890 ]}';
  const expected = json.replace('"\\u005ftype"', '"@type"').replace('{"_id" :', '{"@id" :');
  for (let length = 1; length <= json.length; length += 1) assert.equal(rewritten(NESTED, json, length), expected);
});

test('in a stream that breaks off nothing is lost, and what is no JSON does no harm', () => {
  for (const json of ['{"list":[{"_i', '{"_type', '{"_type\\', '}]{"_type":1}', '{"a" "b":}', '"_type":1', '\\"{']) {
    for (const length of [1, 3, 100]) assert.equal(rewritten(NESTED, json, length).replaceAll('@', '_'), json);
  }
});

test('what the model says in any form comes back as the client would have said it, whole and streamed', () => {
  const key = fc.constantFrom('@type', '_type', 'list', 'free', '@id', 'children', 'filter[id]', '$eq', 'plain', '__proto__');
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(1, 'text', '@type', null), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 4 })),
  })); // prettier-ignore
  const names = namesOf(NESTED);
  fc.assert(
    fc.property(value, fc.integer({ min: 1, max: 9 }), (clients, length) => {
      const models = JSON.stringify(names.toModel(clients));
      const whole = names.toClient(JSON.parse(models));
      assert.deepEqual(JSON.parse(rewritten(NESTED, models, length)), JSON.parse(JSON.stringify(whole)));
    }),
  );
}); // prettier-ignore

test('a document that takes too long to be followed is not followed: its names count everywhere', () => {
  const schema = object({ $a: object({ $b: text }) });
  const shape = new SchemaShapes(new SchemaReferences(schema), assignNames(schema), 0).of([schema]);
  assert.deepEqual(toClientNames({ _a: { _b: 1, c: [{ _a: 2 }] } }, shape), { $a: { $b: 1, c: [{ $a: 2 }] } });
  assert.deepEqual(toModelNames({ $a: { $b: 1, c: [{ $a: 2 }] } }, shape), { _a: { _b: 1, c: [{ _a: 2 }] } });
});
