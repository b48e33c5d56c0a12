// Guarantee: the log says why the Messages API failed, in the API's own terms, and never in words of a client.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { UpstreamError } from '../errors.ts';
import { toUpstreamReport } from './upstream-report.ts';

for (const [message, place, words] of [
  ['prompt is too long: 210000 tokens > 200000 maximum', undefined, 'prompt is too long: 210000 tokens > 200000 maximum'],
  ['messages.3.content.1.tool_use.id: String should match pattern \'^[a-z]+$\'', 'messages.3.content.1.tool_use.id', 'String should match pattern'],
  ['tools.0.custom.input_schema.properties.salary: JSON schema is invalid', 'tools.0.custom.input_schema.…', 'JSON schema is invalid'],
  ['max_tokens: 90000 > 64000, which is the maximum allowed number of output tokens for claude-x', 'max_tokens', 'max_tokens: 90000 > 64000, which is the maximum allowed number of output tokens'],
  ['Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)', undefined, 'Connection refused; ECONNREFUSED'],
  ['API returned an empty or malformed response (HTTP 200) — body: attack at dawn', undefined, 'API returned an empty or malformed response (HTTP 200)'],
  ['messages.0: "attack at dawn" is not allowed', 'messages.0', undefined],
  ['attack at dawn', undefined, undefined],
  ['attack: at dawn', undefined, undefined],
  ['', undefined, undefined],
] as const) {
  test(`"${message}" is logged as ${place ?? 'no field'} and ${words ?? 'no words'}`, () => {
    const report = toUpstreamReport(undefined, message, {});
    assert.deepEqual(report, { ...(place !== undefined && { place }), ...(words !== undefined && { words }) });
  });
} // prettier-ignore

test('the status, the type of the error, its reason and the id of the request are logged', () => {
  const source = { errorType: 'invalid_request_error', reason: 'invalid_request', terminalReason: 'api_error', requestId: 'req_011CS' }; // prettier-ignore
  const error = new UpstreamError(400, 'unheard of', undefined, false, false, source);
  assert.deepEqual(error.report, { status: 400, ...source });
});

test('nothing is logged in the place of a name that is no name', () => {
  for (const value of ['Attack at dawn', 'a'.repeat(65), '', 7, null, { a: 1 }, ['a'], 'a\nb', 'req_ x']) {
    const text = value as string;
    const source = { errorType: text, reason: text, terminalReason: text, requestId: text };
    assert.deepEqual(toUpstreamReport(500, '', source), { status: 500 });
  }
});

test('no text of a client is logged, wherever the API quotes it', () => {
  const frames = ['%', 'messages.0: %', 'messages.%.content: Field required', '%: Field required', 'tools.0.custom.%: x', 'Overloaded %', '% (ECONNRESET)']; // prettier-ignore
  fc.assert(
    fc.property(fc.constantFrom(...frames), fc.stringMatching(/^[A-Za-z][\w. -]{0,30}$/), (frame, said) => {
      const planted = `Zx${said}xZ`;
      const report = toUpstreamReport(
        400,
        frame.replace('%', () => planted),
        {},
      );
      assert.ok(!JSON.stringify(report).includes('Zx'), JSON.stringify(report));
    }),
  );
});
