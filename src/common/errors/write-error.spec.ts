// Guarantee: an error is an OpenAI error with all its keys, and never the end of an answer that had begun.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from '@jest/globals';
import express, { type Response as ExpressResponse } from 'express';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { requestContext } from '../http/request-context.ts';
import { GatewayError, invalidRequest, unsupported } from './gateway-error.ts';
import { writeError } from './write-error.ts';

async function answerWith(handler: (response: ExpressResponse) => void): Promise<Response> {
  const server = express()
    .get('/', (_request, response) => handler(response))
    .listen(0, '127.0.0.1');
  afterThisTest(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

test('all four keys are there, null where nothing is to be said', async () => {
  const response = await answerWith((answer) => writeError(answer, invalidRequest('Wrong.')));
  assert.equal(response.status, 400);
  assert.deepEqual(await response.json(), {
    error: { message: 'Wrong.', type: 'invalid_request_error', param: null, code: null },
  });
});

test('a field that is not available is named by its path', async () => {
  const response = await answerWith((answer) => writeError(answer, unsupported('Not here.', 'messages.0.name')));
  assert.deepEqual(await response.json(), {
    error: {
      message: 'Not here.',
      type: 'invalid_request_error',
      param: 'messages.0.name',
      code: 'unsupported_parameter',
    },
  });
});

test('Retry-After is in whole seconds, rounded up', async () => {
  const error = new GatewayError(503, 'Later.', { retryAfterSeconds: 1.2 });
  const response = await answerWith((answer) => writeError(answer, error));
  assert.equal(response.headers.get('retry-after'), '2');
});

test('a 401 says how to authenticate', async () => {
  const error = new GatewayError(401, 'Who?');
  const response = await answerWith((answer) => writeError(answer, error));
  assert.equal(response.headers.get('www-authenticate'), 'Bearer');
});

test('an answer that has begun is cut, so that nobody takes it for whole', async () => {
  const response = await answerWith((answer) => {
    answer.write('half', () => writeError(answer, invalidRequest('Too late.')));
  });
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

test('the outcome of the request is the code of its error, or says that it was invalid', async () => {
  const outcomes: (string | undefined)[] = [];
  for (const error of [invalidRequest('x', 'n', 'too_many'), invalidRequest('x')]) {
    await answerWith((answer) => {
      writeError(answer, error);
      outcomes.push(requestContext(answer.req).outcome);
    });
  }
  assert.deepEqual(outcomes, ['too_many', 'invalid_request']);
});
