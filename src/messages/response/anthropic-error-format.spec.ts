// Guarantee: an error is in Anthropic's shape, of the type that its status has there, and begins with the field that is wrong.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { GatewayError, invalidRequest } from '../../common/errors/gateway-error.ts';
import { missing, toInvalidRequest, wrongType } from '../../common/body/problem-words.ts';
import { anthropicErrorFormat } from './anthropic-error-format.ts';

const messageOf = (error: GatewayError): string => anthropicErrorFormat.body(error, 'req_1').error.message;

for (const [status, type] of [
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [405, 'invalid_request_error'],
  [413, 'request_too_large'],
  [415, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [502, 'api_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
] as const) {
  test(`${status} is of type ${type}`, () => {
    const body = { type: 'error', error: { type, message: 'Why.' }, request_id: 'req_1' };
    assert.deepEqual(anthropicErrorFormat.body(new GatewayError(status, 'Why.'), 'req_1'), body);
  });
}

test('a field that is missing is named as Anthropic names it', () => {
  assert.equal(messageOf(toInvalidRequest(missing('messages[0].content'))), 'messages.0.content: Field required');
});

test('a place in the body has no brackets', () => {
  const error = toInvalidRequest(wrongType('messages[1].content[20].text', 'a string', 5));
  assert.equal(messageOf(error), "messages.1.content.20.text: Invalid type for 'messages.1.content.20.text': expected a string, but got an integer instead."); // prettier-ignore
});

test('a name of the client’s own is not taken for a pattern', () => {
  assert.equal(messageOf(invalidRequest("Unknown '$&'.", '$&')), "$&: Unknown '$&'.");
});

test('a thread that cannot be held is told in the way by which the SDK goes on without it', () => {
  const error = invalidRequest('No threads.', 'thread', 'thread_unsupported_request');
  const { details } = anthropicErrorFormat.body(error, 'req_1').error;
  assert.deepEqual(details, { error_code: 'thread_unsupported_request', unsupported: ['thread'] });
});
