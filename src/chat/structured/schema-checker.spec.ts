// Guarantee: an answer is right exactly when the client's own schema says so, and no schema and no answer holds the service up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTPUT_SHAPES } from '../../../test/support/output-schemas.ts';
import { mapResponseFormat } from './output-format.ts';
import { SchemaChecker, UnusableSchemaError } from './schema-checker.ts';

const checker = new SchemaChecker(60_000);

for (const { name, schema, valid, wrong } of OUTPUT_SHAPES) {
  test(`${name}: what is valid is right, what is not is told`, async () => {
    const format = await mapResponseFormat({ type: 'json_schema', json_schema: { name: 'x', schema } }, checker);
    assert.equal(await format?.check(JSON.stringify(valid)), undefined);
    assert.match((await format?.check(JSON.stringify(wrong))) ?? '', /./);
  });
}

test('what is wrong is told with its place, all of it', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'array', items: { enum: ['x', 'y'] } }, b: { type: 'integer', minimum: 3 } },
    additionalProperties: false,
  };
  const check = (value: unknown) => checker.check(schema, JSON.stringify(value));
  assert.equal(await check({ a: ['x', 'z'] }), `'/a/1' must be equal to one of the allowed values (["x","y"])`);
  assert.equal(await check({ b: 2, c: 1 }), `the answer must NOT have additional properties ("c"); '/b' must be >= 3`);
  assert.equal(await check(5), 'the answer must be object');
});

test('patterns are tested as the engine of the service knows them, others are not', async () => {
  const check = (pattern: string, value: string) => checker.check({ pattern }, JSON.stringify(value));
  assert.equal(await check('^(?!x)\\p{L}+$', 'é'), undefined);
  assert.match((await check('^(?!x)\\p{L}+$', 'xé')) ?? '', /pattern/);
  assert.match((await check('^[a-z\\_]+\\-$', 'A')) ?? '', /pattern/);
  assert.equal(await check('(?P<year>\\d{4})', 'x'), undefined);
});

const doubling = Object.fromEntries(
  Array.from({ length: 60 }, (_value, index) => {
    const next = { $ref: `#/$defs/d${index + 1}` };
    return [`d${index}`, index === 59 ? { type: 'object' } : { allOf: [next, next] }];
  }),
);
const HOSTILE: Record<string, [schema: Record<string, unknown>, json: string, verdict: RegExp]> = {
  'references that double at every step': [{ $ref: '#/$defs/d0', $defs: doubling }, '{}', /in time/],
  'a pattern that backtracks without end': [{ pattern: '^(a+)+$' }, `"${'a'.repeat(100)}b"`, /in time/],
  'a schema that only refers to itself': [{ $ref: '#' }, '{}', /too deeply|in time/],
}; // prettier-ignore
for (const [name, [schema, json, verdict]] of Object.entries(HOSTILE)) {
  test(`${name}: it is given up, and the next answer is checked all the same`, async () => {
    const impatient = new SchemaChecker(1000);
    const [hostile, honest] = await Promise.all([
      impatient.check(schema, json),
      impatient.check({ type: 'string' }, '"x"').then(() => impatient.check({ type: 'string' }, '5')),
    ]);
    assert.match(hostile ?? '', verdict);
    assert.match(honest ?? '', /must be string/);
  });
}

test('a schema reaches neither another schema nor the prototype of objects', async () => {
  await checker.prepare({ $anchor: 'secret', type: 'integer' });
  await assert.rejects(checker.prepare({ $ref: '#secret' }), UnusableSchemaError);
  const json = '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}';
  const schema = JSON.parse(json) as Record<string, unknown>;
  assert.equal(await checker.check(schema, '{"__proto__":"x"}'), undefined);
  assert.match((await checker.check(schema, '{}')) ?? '', /required/);
});

test('thousands of schemas are checked against without their being kept', async () => {
  for (let index = 0; index < 200; index += 1) {
    const schema = { const: index, description: 'x'.repeat(50_000) };
    assert.equal(await checker.check(schema, String(index)), undefined);
  }
});
