// Guarantee: a handler gets the declared fields of a body or query and nothing else, or the client an error that names the first
// wrong one; what the client sent is left as it was.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { IsEmail } from 'class-validator';
import { z } from 'zod';
import { GatewayError } from '../errors/gateway-error.ts';
import { BodyValidationPipe } from './body-validation.pipe.ts';
import {
  CanBeAbsent,
  CanBeAbsentOrNull,
  CanBeNull,
  IsOneOf,
  IsReadBy,
  IsText,
  IsWholeText,
} from './field-validators.ts';

class Fields {
  @IsText({ min: 1, max: 3 }) readonly name!: string;
  @CanBeAbsentOrNull() @IsText() readonly note?: string | null;
  @CanBeNull() @IsOneOf(['a', 'b']) readonly kind!: 'a' | 'b' | null;
  @IsWholeText({ min: 1, max: 9 }) readonly limit: number = 5;
  @CanBeAbsent() @IsReadBy(z.array(z.object({ text: z.string() }))) readonly tree?: { text: string }[];
  @CanBeAbsent() @IsEmail() readonly mail?: string;
}

const pipe = new BodyValidationPipe();
const read = (body: unknown): Promise<unknown> => pipe.transform(body, { type: 'body', metatype: Fields });

async function refusal(body: unknown): Promise<GatewayError> {
  try {
    await read(body);
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return error;
  }
  throw new Error('was accepted');
}

test('declared fields arrive as an instance with its defaults, without any other', async () => {
  const body = JSON.parse(
    '{"name":"n","kind":null,"tree":[{"text":"x","more":1}],"other":1,"constructor":{},"__proto__":{"note":"planted"}}',
  ) as object;
  const before = JSON.stringify(body);
  const fields = await read(body);
  assert.ok(fields instanceof Fields && fields.constructor === Fields);
  assert.equal(
    JSON.stringify(Object.entries(fields)),
    '[["name","n"],["note",null],["kind",null],["limit",5],["tree",[{"text":"x"}]],["mail",null]]',
  );
  assert.equal(JSON.stringify(body), before);
});

test('a value without a class that has validators passes as it is', async () => {
  const body = { any: 1 };
  for (const metatype of [undefined, Object, String])
    assert.equal(await pipe.transform(body, { type: 'body', metatype }), body);
});

test('numbers of a query are read from text, and nothing else is converted', async () => {
  assert.equal(((await read({ name: 'n', kind: 'a', limit: '9' })) as Fields).limit, 9);
  for (const [wrong, param] of [
    [{ name: 1 }, 'name'],
    [{ note: true }, 'note'],
    [{ limit: '' }, 'limit'],
    [{ limit: '0x' }, 'limit'],
    [{ limit: ['5'] }, 'limit'],
    [{ limit: 'Infinity' }, 'limit'],
  ] as const)
    assert.equal((await refusal({ name: 'n', kind: 'a', ...wrong })).param, param);
});

const ok = { name: 'n', kind: 'a' };
const WRONG: [body: unknown, param: string | null, code: string | null, message: RegExp][] = [
  [[], null, null, /must be a JSON object/],
  ['text', null, null, /must be a JSON object/],
  [undefined, 'name', 'missing_required_parameter', /^Missing required parameter: 'name'\.$/],
  [{ ...ok, name: null }, 'name', 'invalid_type', /expected a string, but got null/],
  [{ ...ok, name: '' }, 'name', 'empty_string', /too short/],
  [{ ...ok, name: 'long' }, 'name', 'string_above_max_length', /too long/],
  [{ name: 'n' }, 'kind', 'missing_required_parameter', /'kind'/],
  [{ ...ok, kind: 'c' }, 'kind', 'invalid_value', /"c"\. Supported values are: 'a', 'b'\.$/],
  [{ ...ok, limit: 0 }, 'limit', 'number_below_min_value', /expected a value >= 1, but got 0/],
  [{ ...ok, limit: '10' }, 'limit', 'number_above_max_value', /expected a value <= 9, but got 10/],
  [{ ...ok, limit: 1.5 }, 'limit', 'invalid_type', /expected an integer, but got a decimal number/],
  [{ ...ok, tree: [{}] }, 'tree[0].text', 'missing_required_parameter', /'tree\[0\]\.text'/],
  [{ ...ok, tree: null }, 'tree', 'invalid_type', /expected an array, but got null/],
  [{ ...ok, mail: 'x' }, 'mail', 'invalid_value', /^Invalid 'mail': mail must be an email\.$/],
  [{ mail: 'x', limit: 0, kind: 'c', name: 1 }, 'name', 'invalid_type', /'name'/],
];
for (const [body, param, code, message] of WRONG) {
  test(`${JSON.stringify(body)} is refused with its first problem`, async () => {
    const error = await refusal(body);
    assert.deepEqual([error.status, error.param, error.code], [400, param, code]);
    assert.match(error.message, message);
  });
}
