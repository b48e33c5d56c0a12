// Guarantee: a schema of any shape a client sends leads to JSON that is valid against it, and leaves nothing on the process.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { withoutIds } from '../support/cli-session.ts';
import { ask, Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { OUTPUT_SHAPES, type OutputShape } from '../support/output-schemas.ts';
import { systemTexts, text, type MessagesRequestBody } from '../support/scripted-messages-api.ts';

const ONE_PROCESS = {
  CLAUDE__MAX_CONCURRENT_SESSIONS: '1',
  PROCESS_POOL__SIZE: '1',
  PROCESS_POOL__MIN_IDLE: '1',
  PROCESS_POOL__MAX_IDLE: '1',
};
let gateway: Gateway;
let plain: string;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: ONE_PROCESS });
  plain = await plainRequest();
});
afterAll(() => gateway.stop());

/** The bytes of a request that asks for no format. */
async function plainRequest(): Promise<string> {
  gateway.api.respond(text('fine'));
  await gateway.client().chat.completions.create(ask('x'));
  return withoutIds(gateway.api.last.raw);
}

const formatOf = ({ schema }: OutputShape) =>
  ({ type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } }) as const;

/** The schema as the model was given it. */
function receivedSchema(body: MessagesRequestBody, by: OutputShape['by']): object {
  const config = body['output_config'] as { format?: { type: string; schema: object } } | undefined;
  const words = systemTexts(body);
  if (by === 'decoding') {
    assert.equal(config?.format?.type, 'json_schema');
    assert.deepEqual(words, [], 'nothing is said where decoding is held to the schema');
    return config.format.schema;
  }
  assert.equal(config?.format, undefined);
  assert.equal(words.length, 1);
  return JSON.parse(words[0]?.split('JSON Schema (draft 2020-12):\n')[1] ?? '') as object;
}

for (const shape of OUTPUT_SHAPES) {
  test(`${shape.name}: by ${shape.by}, whole and streamed`, async () => {
    const { by, valid } = shape;
    const answer = JSON.stringify(valid);
    gateway.api.reset();
    gateway.api.respond(text(answer, { deltaLength: 5 }));
    const body = { ...ask('x'), response_format: formatOf(shape) };

    const response = await gateway.post(body);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-claude-code-ignored'), null);
    const completion = (await response.json()) as ChatCompletion;
    assertMatchesSchema('CreateChatCompletionResponse', completion);
    assert.deepEqual(JSON.parse(completion.choices[0]?.message.content ?? ''), valid);
    assert.equal(completion.choices[0]?.finish_reason, 'stop');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    assert.ok(ajv.validate(receivedSchema(gateway.api.last.body, by), valid), ajv.errorsText());

    const pieces: string[] = [];
    for await (const chunk of await gateway.client().chat.completions.create({ ...body, stream: true })) {
      assertMatchesSchema('CreateChatCompletionStreamResponse', chunk);
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
    }
    assert.equal(pieces.join(''), answer);
    assert.ok(pieces.length > 1, 'it was streamed');
    assert.equal(gateway.api.requests.length, 2);
    assert.equal(await plainRequest(), plain);
  });
}

test('a schema that cannot be used is refused before anything is asked', async () => {
  gateway.api.reset();
  for (const [schema, param, reason] of [
    [{ $ref: '#' }, '', 'refers to nothing but itself'],
    [{ type: 'object', properties: { a: { $ref: 'https://example.com/a' } } }, '.properties.a.$ref', 'leads out of it'],
    [{ type: 'object', properties: { a: { type: 'money' } } }, '.properties.a.type', 'must be equal to one of'],
    [{ description: 'x'.repeat(200_001) }, '', 'characters'],
  ] as const) {
    for (const stream of [true, false]) {
      const response = await gateway.post({ ...ask('x'), stream, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }); // prettier-ignore
      const body = (await response.json()) as { error: { param: string; message: string } };
      assertMatchesSchema('ErrorResponse', body);
      assert.equal(response.status, 400);
      assert.equal(body.error.param, `response_format.json_schema.schema${param}`);
      assert.ok(body.error.message.includes(reason), body.error.message);
    }
  }
  assert.equal(gateway.api.requests.length, 0);
});

test('a pattern that would take for ever to test holds nobody else up', async () => {
  gateway.api.reset();
  gateway.api.respond(({ raw }) => text(raw.includes('output_config') ? `{"a":"${'a'.repeat(100)}b"}` : 'fine'));
  const schema = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
  const hostile = gateway
    .post({ ...ask('x'), stream: true, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })
    .then((response) => response.text());
  await gateway.api.until(({ requests }) => requests.at(-1)?.outcome === 'answered');
  const honest = gateway.client().chat.completions.create(ask('y'));
  const first = await Promise.race([hostile.then(() => 'hostile'), honest.then(() => 'honest')]);
  assert.equal(first, 'honest');
  assert.match(await hostile, /structured_output_failed/);
});
