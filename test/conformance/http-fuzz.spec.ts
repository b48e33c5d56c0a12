// Guarantee: whatever comes over HTTP is answered, or refused in OpenAI's shape at the place that is to blame; never a 5xx.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, test } from '@jest/globals';
import * as fc from 'fast-check';
import { of } from 'rxjs';
import { Pool } from 'undici';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { damagedBodies, leadsSomewhere, requestBodies, VALID_BODY as valid } from '../support/request-bodies.ts';
import { AT_ONCE, severalAtOnce } from '../support/several-at-once.ts';
import { TestApplication } from '../support/test-application.ts';
import { TURNS } from '../support/turn-events.ts';

const CHAT = '/v1/chat/completions';
let service: TestApplication;
let client: Pool;
beforeAll(async () => {
  service = await TestApplication.start();
  service.pool.answer = of(...TURNS['text and parallel calls']);
  client = new Pool(service.url, { connections: AT_ONCE });
});
afterAll(async () => {
  await client.close();
  await service.stop();
});

interface Answer {
  readonly status: number;
  readonly raw: string;
}

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

async function send({ path = CHAT, method = 'POST', headers, body }: Sent): Promise<Answer> {
  const response = await client.request({
    path,
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });
  return { status: response.statusCode, raw: await response.body.text() };
}

interface ErrorFields {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

function errorOf({ status, raw }: Answer): ErrorFields {
  assert.ok(status >= 400 && status < 500, `${status} ${raw}`);
  const body = JSON.parse(raw) as { error: ErrorFields };
  assert.deepEqual(Object.keys(body.error).toSorted(), ['code', 'message', 'param', 'type']);
  assertMatchesSchema('ErrorResponse', body);
  return body.error;
}

function assertAnswered({ status, raw }: Answer): void {
  assert.equal(status, 200, raw);
  if (raw.startsWith('data: ')) assert.ok(raw.endsWith('data: [DONE]\n\n'));
  else assertMatchesSchema('CreateChatCompletionResponse', JSON.parse(raw));
}

test('6,000 generated bodies over HTTP are answered or refused with a 400 whose param names a place in them', async () => {
  let answered = 0;
  let refused = 0;
  await fc.assert(
    severalAtOnce(requestBodies('sonnet'), async (generated) => {
      const body = JSON.stringify(generated);
      const answer = await send({ body });
      if (answer.status === 200) {
        answered += 1;
        assertAnswered(answer);
        return;
      }
      refused += 1;
      const { param, code, message } = errorOf(answer);
      if (code === 'model_not_found') assert.deepEqual([answer.status, param], [404, 'model']);
      else assert.equal(answer.status, 400);
      const isMissing = code === 'missing_required_parameter';
      assert.ok(param !== null && leadsSomewhere(JSON.parse(body), param, isMissing), `${param}: ${message}`);
    }),
    { numRuns: 6000 / AT_ONCE },
  );
  assert.ok(answered > 200 && refused > 2000, `${answered} answered, ${refused} refused`);
  assert.equal(service.pool.turns.length, answered);
  assert.equal(service.pool.running, 0);
});

test('1,500 bodies with damaged bytes are answered or refused', async () => {
  let refused = 0;
  await fc.assert(
    severalAtOnce(damagedBodies, async (bytes) => {
      const answer = await send({ body: bytes });
      if (answer.status === 200) return assertAnswered(answer);
      refused += 1;
      errorOf(answer);
    }),
    { numRuns: 1500 / AT_ONCE },
  );
  assert.ok(refused > 700, `${refused} refused`);
});

const chat = (inside: string): string => `{"model":"sonnet","messages":[{"role":"user","content":"x"}],${inside}}`;
const said = (content: string): string => `{"model":"sonnet","messages":[{"role":"user","content":${content}}]}`;
const parameters = (inside: string): string =>
  chat(`"tools":[{"type":"function","function":{"name":"f","parameters":${inside}}}]`);
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const ODD: [what: string, sent: Sent, status: number, code?: string | null][] = [
  ['a number beyond all numbers', { body: chat('"temperature":1e999') }, 400],
  ['a number beyond all numbers below zero', { body: chat('"max_tokens":-1e999') }, 400],
  ['a number that is too large for an integer', { body: chat('"max_tokens":1e300') }, 400],
  ['a seed with more digits than there are', { body: chat('"seed":123456789012345678901234567890') }, 400],
  ['minus zero', { body: chat('"temperature":-0') }, 200],
  ['half a surrogate pair', { body: said('"a\\ud800b"') }, 200],
  ['half a surrogate pair as the name of a field', { body: chat('"\\udfff":1') }, 200],
  ['a null character', { body: said('"a\\u0000b"') }, 200],
  ['a field twice', { body: chat('"temperature":9,"temperature":1') }, 200],
  ['messages twice, the second wrong', { body: chat('"messages":5') }, 400, 'invalid_type'],
  ['__proto__ at the top', { body: chat('"__proto__":{"polluted":true}') }, 200],
  ['__proto__ instead of a field', { body: '{"__proto__":{"model":"sonnet","messages":[]}}' }, 400, 'missing_required_parameter'],
  ['__proto__ in a message', { body: '{"model":"sonnet","messages":[{"role":"user","content":"x","__proto__":{"polluted":true}}]}' }, 200],
  ['__proto__ in metadata', { body: chat('"metadata":{"__proto__":"x"}') }, 200],
  ['constructor and prototype', { body: chat('"constructor":{"prototype":{"polluted":true}}') }, 200],
  ['__proto__ in parameters', { body: parameters('{"type":"object","__proto__":{"polluted":true}}') }, 200],
  ['__proto__ as a property', { body: parameters('{"type":"object","properties":{"__proto__":{"type":"string"}}}') }, 200],
  ['lists in lists without end', { body: chat(`"metadata":${deep(100_000)}`) }, 400],
  ['a body of lists in lists without end', { body: deep(100_000) }, 400],
  ['a byte order mark', { body: `\ufeff${valid}` }, 200],
  ['bytes that are no UTF-8', { body: Buffer.from(said('"\u00ff\u00fe"'), 'latin1') }, 400, 'invalid_json'],
  ['UTF-16 that is declared', { body: Buffer.from(valid, 'utf16le'), headers: { 'content-type': 'application/json; charset=utf-16le' } }, 415, 'unsupported_encoding'],
  ['a character set that nobody has', { body: valid, headers: { 'content-type': 'application/json; charset=klingon' } }, 415],
  ['an encoding that nobody has', { body: valid, headers: { 'content-encoding': 'klingon' } }, 415],
  ['gzip that is none', { body: valid, headers: { 'content-encoding': 'gzip' } }, 400],
  ['gzip that is cut off', { body: gzipSync(valid).subarray(0, 40), headers: { 'content-encoding': 'gzip' } }, 400],
  ['gzip', { body: gzipSync(valid), headers: { 'content-encoding': 'gzip' } }, 200],
  ['nothing', { body: '' }, 400],
  ['white space', { body: ' \n' }, 400],
  ['a list', { body: '[]' }, 400],
  ['null', { body: 'null' }, 400],
  ['two values', { body: '{}{}' }, 400, 'invalid_json'],
  ['a comment', { body: '/* */{}' }, 400, 'invalid_json'],
  ['another type of content', { body: valid, headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_content_type'],
  ['a form', { body: 'model=sonnet', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'unsupported_content_type'],
  ['several parts', { body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 415, 'unsupported_content_type'],
  ['a type that is none', { body: valid, headers: { 'content-type': ';;;' } }, 415, 'unsupported_content_type'],
  ...['GET', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'].map((method): [string, Sent, number, string] => [`the method ${method}`, { method }, 405, 'method_not_supported']),
  ['a method that a model does not have', { path: '/v1/models/sonnet', body: '{}' }, 405, 'method_not_supported'],
  ['a path of two slashes', { path: '//v1/chat/completions', body: valid }, 200],
  ['a path that goes up', { path: '/v1/../v1/chat/completions', body: valid }, 404, 'unknown_url'],
  ['a path with a null character', { path: '/v1/chat/completions%00', body: valid }, 404, 'unknown_url'],
  ['a path without end', { path: `/v1/${'x'.repeat(8000)}`, method: 'GET' }, 404, 'unknown_url'],
  ['a path that cannot be decoded', { path: '/v1/models/%ff', method: 'GET' }, 400, 'invalid_url'],
  ['a model of any characters', { path: '/v1/models/%00%0d%0a%F0%9F%8E%88', method: 'GET' }, 404, 'model_not_found'],
  ['a model called __proto__', { path: '/v1/models/__proto__', method: 'GET' }, 404, 'model_not_found'],
  ['a query', { path: `${CHAT}?x[__proto__][polluted]=1`, body: valid }, 200],
]; // prettier-ignore
for (const [what, sent, status, code] of ODD) {
  test(`${what} is answered with ${status}`, async () => {
    const answer = await send(sent);
    assert.equal(answer.status, status, answer.raw);
    if (status === 200) assertAnswered(answer);
    else if (code === undefined) errorOf(answer);
    else assert.equal(errorOf(answer).code, code);
    assert.ok(!('polluted' in {}), 'what all objects inherit is as it was');
    const next = await send({ body: valid });
    assertAnswered(next);
  });
}
