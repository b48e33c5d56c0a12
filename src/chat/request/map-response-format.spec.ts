// Guarantee: a schema that cannot be used is refused with its place in the body and the reason; all others are used.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import type { OutputFormat } from '../../answers/structured/output-format.ts';
import { mapResponseFormat } from './map-response-format.ts';
import { SchemaChecker } from '../../answers/structured/schema-checker.ts';

const checker = new SchemaChecker(60_000);

const ofSchema = (schema: Record<string, unknown>) =>
  mapResponseFormat({ type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } });
/** What is wrong with an answer. */
async function problemOf(format: OutputFormat | undefined, answer: string): Promise<string | undefined> {
  assert.ok(format?.schema);
  return checker.check(format.schema, answer);
}
const many = (count: number, value: unknown): Record<string, unknown> =>
  Object.fromEntries(Array.from({ length: count }, (_value, index) => [`p${index}`, value]));
const nest = (depth: number): Record<string, unknown> => (depth === 0 ? {} : { items: nest(depth - 1) });

const REFUSED: [what: string, schema: Record<string, unknown>, place: string, reason: RegExp][] = [
  ['a type that there is not', { type: 'object', properties: { a: { type: 'text' } } }, '.properties.a.type', /must be equal to one of the allowed values: .*"?string/],
  ['properties that are a list', { type: 'object', properties: [] }, '.properties', /must be object/],
  ['a required that is no list', { type: 'object', properties: { a: { type: 'string', required: true } } }, '.properties.a.required', /must be array/],
  ['a wrong schema in a list', { anyOf: [{}, { minLength: -1 }] }, '.anyOf[1].minLength', /must be >= 0/],
  ['a reference to nothing', { type: 'object', properties: { a: { $ref: '#/$defs/none' } } }, '.properties.a.$ref', /leads to no schema within it/],
  ['a reference out of the schema', { properties: { a: { $ref: 'https://example.com/a.json' } } }, '.properties.a.$ref', /leads out of it/],
  ['a reference to a file', { $ref: 'file:///etc/passwd' }, '.$ref', /leads out of it/],
  ['a reference to itself', { $ref: '#' }, '', /refers to nothing but itself/],
  ['references in a circle', { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } }, '.$defs', /refers to nothing but itself/],
  ['more characters than are allowed', { description: 'x'.repeat(200_000) }, '', /more than 200000 characters/],
  ['more characters than are allowed, once they are written', { description: '"'.repeat(150_000) }, '', /more than 200000 characters/],
  ['more parts than are allowed', { properties: many(5000, {}) }, '', /5001 parts, of which 5000 are allowed/],
  ['more enum values than are allowed', { properties: { a: { enum: Array.from({ length: 5001 }, (_value, index) => index) } } }, '.properties.a.enum', /more than 5000 enum values/],
  ['a required property that is not allowed', { type: 'object', properties: { b: {} }, required: ['a'], additionalProperties: false }, '', /no value can be valid against it: the required property 'a' is not allowed/],
  ['a property that no value suits', { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string', const: 1 } }, required: ['b'] } }, required: ['a'] }, '.properties.a.properties.b', /no value can be valid against it: no value of 'enum' or 'const'/],
  ['false', { type: 'object', properties: { a: false }, required: ['a'] }, '', /false allows no value/],
  ['a required __proto__', JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"],"additionalProperties":false}') as Record<string, unknown>, '', /a property cannot be called '__proto__'/],
  ['__proto__ further down', JSON.parse('{"type":"object","properties":{"a":{"dependentRequired":{"b":["__proto__"]}}}}') as Record<string, unknown>, '.properties.a', /a property cannot be called '__proto__'/],
  ['nested too deeply', nest(65), '.items'.repeat(65), /more than 64 schemas deep/],
]; // prettier-ignore
for (const [what, schema, place, reason] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => ofSchema(schema),
      (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual([error.status, error.code], [400, 'invalid_json_schema']);
        assert.match(error.message, reason);
        if (what === 'references in a circle')
          assert.match(error.param ?? '', /^response_format\.json_schema\.schema\.\$defs/);
        else assert.equal(error.param, `response_format.json_schema.schema${place}`);
        return true;
      },
    );
  });
}

test('a large schema is used', async () => {
  const properties = many(1000, { type: 'string' });
  const format = ofSchema({ type: 'object', properties, required: Object.keys(properties) });
  assert.equal(Object.keys(format?.constrained?.['properties'] ?? {}).length, 1000);
  assert.equal(await problemOf(format, JSON.stringify(many(1000, 'x'))), undefined);
  assert.match((await problemOf(format, JSON.stringify(many(999, 'x')))) ?? '', /'p999'/);
});

test('a long chain of references is followed', async () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 1000 }, (_value, index) => [
      `d${index}`,
      index === 999 ? { type: 'string' } : { $ref: `#/$defs/d${index + 1}` },
    ]),
  );
  const format = ofSchema({ type: 'object', properties: { a: { $ref: '#/$defs/d0' } }, required: ['a'], $defs });
  assert.equal(await problemOf(format, '{"a":"x"}'), undefined);
  assert.match((await problemOf(format, '{"a":1}')) ?? '', /must be string/);
});

test('name and description reach the model', async () => {
  const named = (schema: Record<string, unknown>) =>
    mapResponseFormat({ type: 'json_schema', json_schema: { name: 'city', description: 'A city', schema } });
  const format = named({ type: 'object', properties: { a: { type: 'string' } } });
  assert.deepEqual([format?.constrained?.['title'], format?.constrained?.['description']], ['city', 'A city']);
  const open = named({});
  assert.equal(open?.constrained, undefined);
  assert.match(open?.instruction ?? '', /A city/);
});

test('text is no format, and json_schema without a schema is any object', async () => {
  for (const format of [undefined, null, { type: 'text' } as const]) {
    assert.equal(mapResponseFormat(format), undefined);
  }
  for (const format of [{ type: 'json_object' }, { type: 'json_schema', json_schema: { name: 'x' } }] as const) {
    const { constrained, requiresObject } = mapResponseFormat(format)!;
    assert.deepEqual([constrained, requiresObject], [undefined, true]);
  }
});

test('json_object beside a schema is held to the schema', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  const format = mapResponseFormat({ type: 'json_object', schema });
  assert.deepEqual(format?.constrained, schema);
  assert.match((await problemOf(format, '{"a":1}')) ?? '', /must be string/);
  assert.throws(() => mapResponseFormat({ type: 'json_object', schema: { type: 'text' } }), { status: 400, code: 'invalid_json_schema', param: 'response_format.schema.type' }); // prettier-ignore
  assert.equal(mapResponseFormat({ type: 'json_object', schema: null })?.schema, undefined);
});
