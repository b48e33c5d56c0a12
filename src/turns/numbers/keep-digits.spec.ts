// Guarantee: no number of a client reaches the model as another one in silence.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { understandJson } from '../../../test/support/understand.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { findInexactNumbers } from './find-inexact-numbers.ts';

const found = (json: string): unknown[] =>
  findInexactNumbers(Buffer.from(json)).map(({ path, source }) => [...path, source]);

test('the numbers that lose digits are found, and where they stand', () => {
  const json = `{ "a": [1, -1.10, {"b\\"\\u00fc": 1e-400, "c": [[12345678901234567890]]}], "d": 1.0, "e": "1.10", "f" : -5E+400, "g": 0.5, "h": 20.0}`;
  assert.deepEqual(found(json), [
    ['a', 1, '-1.10'],
    ['a', 2, 'b"ü', '1e-400'],
    ['a', 2, 'c', 0, 0, '12345678901234567890'],
    ['f', '-5E+400'],
  ]);
});

test('in JSON as JavaScript writes it none is found', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(found(JSON.stringify(value)), [])));
});

test('whatever JSON a number stands in, it is found at its place', () => {
  const step = fc.oneof(fc.string(), fc.nat(2));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), (path, other) => {
      const around = JSON.stringify(other);
      let json = '1.10';
      for (const key of path.toReversed()) {
        json =
          typeof key === 'number'
            ? `[${`${around},`.repeat(key)}${json} , ${around}]`
            : `{${JSON.stringify(key)} : ${json}}`;
      }
      assert.deepEqual(found(json), [[...path, '1.10']]);
    }),
  );
});

test('more of them than any body needs are refused', () => {
  const json = `[${'1.10,'.repeat(20_000)}1]`;
  assert.throws(() => findInexactNumbers(Buffer.from(json)), (error: GatewayError) => error.code === 'json_too_complex');
}); // prettier-ignore

const messages = '[{"role":"user","content":"x"}]';
const withTool = (schema: string): string =>
  `{"model":"m","messages":${messages},"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]}`;

const SCHEMAS: [what: string, schema: string, told: string, ignored?: string[]][] = [
  ['a value of enum', '{"properties":{"id":{"enum":[12345678901234567890,1]}}}', '{"id":{"enum":["12345678901234567890",1]}}'],
  ['a value of enum of a type', '{"properties":{"id":{"type":"integer","enum":[12345678901234567890]}}}', '{"id":{"type":["integer","string"],"enum":["12345678901234567890"]}}'],
  ['const of several types', '{"properties":{"id":{"type":["number","null"],"const":1e400}}}', '{"id":{"type":["number","null","string"],"const":"1e400"}}'],
  ['a default', '{"properties":{"id":{"type":"number","default":0.1000000000000000055}}}', '{"id":{"type":"number","default":"0.1000000000000000055"}}'],
  ['an example in depth', '{"properties":{"a":{"items":{"examples":[{"maximum":[9007199254740993]}]}}}}', '{"a":{"items":{"examples":[{"maximum":["9007199254740993"]}]}}}'],
  ['a number that is the same, written otherwise', '{"properties":{"v":{"type":"number","enum":[1.10,20.0,1e2],"minimum":0.0}}}', '{"v":{"type":"number","enum":[1.1,20,100],"minimum":0}}'],
  ['a bound', '{"properties":{"id":{"type":"integer","maximum":9223372036854775807}}}', '{"id":{"type":"integer","maximum":9223372036854776000}}', ['tools.function.parameters.properties.id.maximum (9223372036854775807 becomes 9223372036854776000)']],
  ['a bound beyond all numbers', '{"properties":{"id":{"type":"number","maximum":1e400}}}', '{"id":{"type":"number"}}', ['tools.function.parameters.properties.id.maximum (1e400 is left out)']],
  ['a bound of a property that is called enum', '{"properties":{"enum":{"maximum":9223372036854775807}}}', '{"enum":{"maximum":9223372036854776000}}', ['tools.function.parameters.properties.enum.maximum (9223372036854775807 becomes 9223372036854776000)']],
  ['a field that is there twice', '{"properties":{"id":{"const":12345678901234567890,"const":5}}}', '{"id":{"const":5}}'],
]; // prettier-ignore
for (const [what, schema, told, ignored = []] of SCHEMAS) {
  test(`${what} in the schema of a tool is told as ${told}`, () => {
    const mapped = understandJson(withTool(schema));
    assert.equal(JSON.stringify(mapped.turn.tools[0]?.inputSchema['properties']), told);
    assert.deepEqual(mapped.ignored, ignored);
  });
}

test('the schemas of other forms are told in the same way', () => {
  const schema = '{"type":"object","properties":{"id":{"const":12345678901234567890}}}';
  for (const tools of [
    `"tools":[{"name":"f","input_schema":${schema}}]`,
    `"tools":[{"type":"function","name":"f","parameters":${schema}}]`,
    `"functions":[{"name":"f","parameters":${schema}}]`,
  ]) {
    const { turn } = understandJson(`{"model":"m","messages":${messages},${tools}}`);
    assert.deepEqual(turn.tools[0]?.inputSchema['properties'], { id: { const: '12345678901234567890' } });
  }
});

test('a call in the history whose arguments are an object keeps the digits of its numbers', () => {
  const input = '{"id":12345678901234567890,"price":1.10,"list":[{"x":1e400}],"count":20.0}';
  for (const call of [
    `{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${input}}]}`,
    `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${input}}}]}`,
    `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${JSON.stringify(input)}}}]}`,
  ]) {
    const json = `{"model":"m","messages":[{"role":"user","content":"x"},${call},{"role":"tool","tool_call_id":"a","content":"r"}]}`;
    const [block] = understandJson(json).turn.history[1]?.content ?? [];
    assert.deepEqual(block?.type === 'tool_use' && block.input, {
      id: '12345678901234567890',
      price: '1.10',
      list: [{ x: '1e400' }],
      count: 20,
    });
  }
});

test('a value that an answer could not have is refused in the format of an answer, and a bound is named', () => {
  const body = (format: string): string => `{"model":"m","messages":${messages},${format}}`;
  const schema = '{"type":"object","properties":{"id":{"enum":[1,12345678901234567890]}}}';
  for (const [format, param] of [
    [`"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${schema}}}`, 'response_format.json_schema.schema.properties.id.enum[1]'],
    [`"text":{"format":{"type":"json_schema","name":"n","schema":${schema}}}`, 'text.format.schema.properties.id.enum[1]'],
    [`"output_config":{"format":{"type":"json_schema","schema":${schema}}}`, 'output_config.format.schema.properties.id.enum[1]'],
  ] as const) {
    assert.throws(() => understandJson(body(format)), (error: GatewayError) => error.param === param && error.code === 'invalid_json_schema');
  }
  const bound = '{"type":"object","properties":{"id":{"minimum":-9223372036854775808,"maximum":9223372036854775807}}}';
  const { ignored } = understandJson(body(`"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${bound}}}`));
  assert.deepEqual(ignored, [
    'response_format.json_schema.schema.properties.id.minimum (-9223372036854775808 becomes -9223372036854776000)',
    'response_format.json_schema.schema.properties.id.maximum (9223372036854775807 becomes 9223372036854776000)',
  ]);
}); // prettier-ignore

test('a number in a field of its own is read as ever', () => {
  const { turn } = understandJson(`{"model":"m","messages":${messages},"temperature":0.70,"max_tokens":2e3}`);
  assert.deepEqual([turn.settings.temperature, turn.settings.maxOutputTokens], [0.7, 2000]);
});

test('names that are special in JavaScript reach nothing but themselves', () => {
  const { turn } = understandJson(withTool('{"properties":{"__proto__":{"const":12345678901234567890}}}'));
  assert.match(JSON.stringify(turn.tools), /"__proto__":\{"const":"12345678901234567890"\}/);
  assert.equal(({} as { const?: unknown }).const, undefined);
});
