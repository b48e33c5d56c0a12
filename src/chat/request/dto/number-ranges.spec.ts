// Guarantee: a number is accepted exactly in the range that OpenAI's published description gives its field.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { GatewayError } from '../../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest } from './chat-completion-request.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
const file = new URL('../../../../../test/fixtures/openai-schemas.json', import.meta.url);
const SCHEMAS = (JSON.parse(readFileSync(file, 'utf8')) as { $defs: Record<string, Schema> }).$defs;

interface NumericField {
  readonly isInteger: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The numeric fields of a request by their names; a name with `.*` is of the values of an object. */
function numericFields(
  schema: Schema,
  path: string,
  found = new Map<string, NumericField>(),
): Map<string, NumericField> {
  const types = new Set([schema.type ?? []].flat());
  if (types.has('number') || types.has('integer')) {
    const { minimum, maximum } = schema;
    found.set(path, {
      isInteger: !types.has('number'),
      ...found.get(path),
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
    });
  }
  const referred = SCHEMAS[schema.$ref?.split('/').at(-1) ?? ''];
  const parts = [referred ?? [], schema.allOf ?? [], schema.anyOf ?? [], schema.oneOf ?? []].flat();
  for (const part of parts) numericFields(part, path, found);
  // Of what stands further down only the values of an object that is a field.
  if (path === '')
    for (const [name, property] of Object.entries(schema.properties ?? {})) numericFields(property, name, found);
  else if (typeof schema.additionalProperties === 'object')
    numericFields(schema.additionalProperties, `${path}.*`, found);
  return found;
}

const FIELDS = numericFields(SCHEMAS['CreateChatCompletionRequest'] ?? {}, '');

/** The code with which a value is refused; undefined when it is accepted. */
function refusalOf(field: string, value: number): string | undefined {
  const [name = '', isMember] = field.split('.');
  const body = { model: 'm', messages: [{ role: 'user', content: 'x' }], [name]: isMember ? { key: value } : value };
  try {
    const { unreadFields } = parseChatCompletionRequest(JSON.parse(JSON.stringify(body)));
    assert.deepEqual(unreadFields, [], 'the field is known');
    return undefined;
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.deepEqual([error.status, error.param], [400, isMember ? `${name}.key` : name]);
    return error.code ?? '';
  }
}

test('the description has the numbers that are known, and no other', () => {
  assert.deepEqual(
    new Set(FIELDS.keys()),
    new Set([
      'temperature', 'top_p', 'top_logprobs', 'max_completion_tokens', 'max_tokens', 'frequency_penalty', 'presence_penalty',
      'logit_bias.*', 'n', 'seed',
    ]),
  );
}); // prettier-ignore

/** Without a range of their own; fewer tokens than one are none that a model could give. */
const LEAST: Readonly<Record<string, number>> = { max_tokens: 1, max_completion_tokens: 1 };

for (const [field, { isInteger, minimum = LEAST[field], maximum }] of FIELDS) {
  test(`${field} is accepted from ${minimum ?? 'any number'} to ${maximum ?? 'any number'} and nowhere else`, () => {
    const step = Math.max(1, Math.abs(maximum ?? 1) / 2 ** 40);
    const inside = [minimum ?? -(2 ** 31), maximum ?? 2 ** 53 - 1, ((minimum ?? 0) + (maximum ?? 4)) / 2];
    for (const value of inside) assert.equal(refusalOf(field, isInteger ? Math.ceil(value) : value), undefined);
    if (minimum !== undefined) assert.equal(refusalOf(field, minimum - step), 'number_below_min_value');
    if (maximum !== undefined) assert.equal(refusalOf(field, maximum + step), 'number_above_max_value');
    if (isInteger && !field.endsWith('.*')) assert.notEqual(refusalOf(field, 1.5), undefined);
  });
}
