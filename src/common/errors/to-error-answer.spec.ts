// Guarantee: every failure becomes an answer, and one that nobody expected says nothing of its cause.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { HttpException, InternalServerErrorException } from '@nestjs/common';
import { GatewayError } from './gateway-error.ts';
import { toErrorAnswer } from './to-error-answer.ts';

/** As Nest tells of what Express and its body parser could not read. */
const unreadable = (status: number, cause: Error): HttpException => new HttpException(cause.message, status, { cause });

test('an answer of our own is answered as it is', () => {
  const error = new GatewayError(429, 'Slowly.');
  assert.equal(toErrorAnswer(error, 'req_1'), error);
});

const ANSWERS: [string, unknown, number, string | null][] = [
  ['a URL that cannot be decoded', unreadable(400, new URIError('Failed to decode')), 400, 'invalid_url'],
  ['a body that is too large', unreadable(413, new Error('too large')), 413, 'request_too_large'],
  ['an encoding that is not supported', unreadable(415, new Error('unsupported')), 415, 'unsupported_encoding'],
  ["one of Nest's own for us", new InternalServerErrorException('INSIDE'), 500, 'internal_error'],
  ['a body of our own that could not be read', new SyntaxError('INSIDE'), 500, 'internal_error'],
  [
    'an error with the status of another answer',
    Object.assign(new Error('INSIDE'), { status: 404 }),
    500,
    'internal_error',
  ],
  ['an error', new TypeError('INSIDE is undefined'), 500, 'internal_error'],
  ['what is no error', 'INSIDE', 500, 'internal_error'],
  ['nothing', undefined, 500, 'internal_error'],
  ['null', null, 500, 'internal_error'],
];
for (const [what, error, status, code] of ANSWERS) {
  test(`${what} is answered with ${status}`, () => {
    const answer = toErrorAnswer(error, 'req_1');
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.ok(!answer.message.includes('INSIDE'));
    if (status === 500) assert.match(answer.message, /req_1/);
  });
}

test('what went wrong stays with the answer for the log', () => {
  const cause = new Error('INSIDE');
  assert.equal(toErrorAnswer(cause, 'req_1').cause, cause);
});
