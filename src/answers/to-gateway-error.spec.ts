// Guarantee: every failure below has one status and one code, says when to come again where that helps, and shows nothing
// of the inside to the client.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { assertMatchesSchema } from '../../test/support/openai-schema.ts';
import {
  AnswerCutError,
  CliCrashedError,
  CliGoneError,
  CliProtocolError,
  CliStartError,
  CliTimeoutError,
  NotLoggedInError,
  ToolRefusedError,
  TurnTimeoutError,
  UpstreamError,
} from '../claude-cli/errors.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { openAiErrorFormat } from '../common/errors/openai-error-format.ts';
import { DrainingError, PoolUnavailableError, QueueFullError, QueueTimeoutError } from '../process-pool/errors.ts';
import type { ToolPlace } from './asked-turn.ts';
import { toGatewayError } from './to-gateway-error.ts';

const SECRET = 'INSIDE';
const upstream = (status?: number, more: { detail?: string; retryAfterSeconds?: number } = {}): UpstreamError =>
  new UpstreamError(status, more.detail ?? SECRET, more.retryAfterSeconds);

const FAILURES: [error: Error, status: number, code: string, retryAfterSeconds?: number][] = [
  [upstream(400, { detail: 'stop: too long' }), 400, 'upstream_invalid_request'],
  [upstream(400, { detail: 'prompt is too long: 3 > 2' }), 400, 'context_length_exceeded'],
  [upstream(400, { detail: 'input length and `max_tokens` exceed context limit' }), 400, 'context_length_exceeded'],
  [new UpstreamError(undefined, 'Prompt', undefined, true), 400, 'context_length_exceeded'],
  [upstream(401), 502, 'upstream_authentication_failed'],
  [upstream(403), 502, 'upstream_permission_denied'],
  [new UpstreamError(403, SECRET, 5, false, true), 502, 'upstream_authentication_failed', 5],
  [upstream(404), 404, 'model_not_found'],
  [upstream(413), 413, 'request_too_large'],
  [upstream(429, { retryAfterSeconds: 27 }), 429, 'rate_limit_exceeded', 27],
  [upstream(429), 429, 'rate_limit_exceeded', 10],
  [upstream(500), 502, 'upstream_error'],
  [upstream(503), 503, 'upstream_overloaded', 5],
  [upstream(529, { retryAfterSeconds: 20 }), 503, 'upstream_overloaded', 20],
  [upstream(), 502, 'upstream_connection_failed'],
  [new NotLoggedInError(SECRET), 503, 'credentials_missing', 60],
  [new TurnTimeoutError(3000), 504, 'timeout'],
  [new AnswerCutError(), 502, 'stream_interrupted'],
  [new CliCrashedError(1, null, SECRET), 502, 'cli_failed'],
  [new CliGoneError(), 502, 'cli_failed'],
  [new CliProtocolError(SECRET), 502, 'cli_failed'],
  [new CliTimeoutError(SECRET, 5), 502, 'cli_failed'],
  [new CliStartError('cli-not-found', SECRET), 500, 'cli_not_found'],
  [new CliStartError('cli-start-failed', SECRET), 502, 'cli_failed'],
  [new QueueFullError(4), 429, 'queue_full', 4],
  [new QueueTimeoutError(100, 5), 503, 'queue_timeout', 5],
  [new DrainingError(6), 503, 'draining', 6],
  [new PoolUnavailableError(SECRET, 7), 503, 'unavailable', 7],
  [new PoolUnavailableError(SECRET, 7, 'cli-version'), 503, 'cli_version', 7],
  [new PoolUnavailableError(SECRET, 7, 'cli-not-found'), 500, 'cli_not_found'],
  [new PoolUnavailableError('Set ANTHROPIC_API_KEY.', 7, 'credentials_missing'), 503, 'credentials_missing', 7],
];

for (const [error, status, code, retryAfterSeconds] of FAILURES) {
  const detail = error instanceof UpstreamError ? ` ${error.status} "${error.detail}"` : ` "${error.message}"`;
  test(`${error.name}${detail} is ${status} ${code}`, () => {
    const mapped = toGatewayError(error);
    assert.ok(mapped instanceof GatewayError);
    assert.deepEqual([mapped.status, mapped.code, mapped.retryAfterSeconds], [status, code, retryAfterSeconds]);
    const body = openAiErrorFormat.body(mapped);
    assertMatchesSchema('ErrorResponse', body);
    assert.ok(!JSON.stringify(body).includes(SECRET));
    assert.equal(mapped.cause, error);
  });
}

test('what the Messages API says of a request that it refuses reaches the client', () => {
  const mapped = toGatewayError(upstream(400, { detail: 'stop_sequences: each must contain non-whitespace' }));
  assert.match((mapped as Error).message, /each must contain non-whitespace/);
});

const REFUSED_TOOLS: [detail: string, message: string, param: string, code: string][] = [
  ['tools.3.custom.input_schema: JSON schema is invalid.', "Invalid schema for function 'f': JSON schema is invalid.", 'tools[1].function.parameters', 'invalid_function_parameters'],
  ['tools.14.custom.input_schema.properties: Property keys should match', "Invalid schema for function 'f' at 'properties': Property keys should match", 'tools[1].function.parameters', 'invalid_function_parameters'],
  ['tools.0.input_schema.type: Field required', "Invalid schema for function 'f' at 'type': Field required", 'tools[1].function.parameters', 'invalid_function_parameters'],
  ['tools.0.custom.description: too long: 5 > 4', "Invalid function 'f': too long: 5 > 4", 'tools[1].function', 'upstream_invalid_request'],
  ['tools.0.custom what', "Invalid function 'f': tools.0.custom what", 'tools[1].function', 'upstream_invalid_request'],
]; // prettier-ignore
for (const [detail, message, param, code] of REFUSED_TOOLS) {
  test(`the refusal "${detail}" names the tool`, () => {
    const place = (name: string): ToolPlace | undefined =>
      name === 'f' ? { path: 'tools[1].function', schemaPath: 'tools[1].function.parameters' } : undefined;
    const mapped = toGatewayError(new ToolRefusedError(detail, 'f'), place);
    assert.ok(mapped instanceof GatewayError);
    assert.deepEqual([mapped.status, mapped.message, mapped.param, mapped.code], [400, message, param, code]);
  });
}

test('missing credentials are told with how to provide them', () => {
  const mapped = toGatewayError(new PoolUnavailableError('Set ANTHROPIC_API_KEY.', 7, 'credentials_missing'));
  assert.equal((mapped as Error).message, 'Set ANTHROPIC_API_KEY.');
});

test('no failure upstream is a 401, since the key of the client is fine', () => {
  assert.ok(FAILURES.every(([error]) => (toGatewayError(error) as GatewayError).status !== 401));
});

test('what no layer below throws stays as it is, for the filter to hide', () => {
  const error = new TypeError('x is not a function');
  assert.equal(toGatewayError(error), error);
});
