// Guarantee: readiness follows the credentials and nothing else that upstream may say.
import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import { CliCrashedError, NotLoggedInError, UpstreamError } from '../../claude-cli/errors.ts';
import { Logger } from '../../common/logging/logger.ts';
import { UpstreamWatch } from './upstream-watch.ts';

let watch: UpstreamWatch;
let refusals: number;
let now: number;
beforeEach(() => {
  now = 0;
  watch = new UpstreamWatch(new Logger({ level: 'silent', redact: [] }), () => now);
  refusals = 0;
  watch.whenLoginRefused(() => (refusals += 1));
});

function fail(error: Error, model = 'a'): unknown {
  const gate = watch.gate(model);
  assert.equal(gate.enter(), undefined);
  return gate.failed(error);
}

const problem = (): string | undefined => watch.problem?.code;

function succeed(model: string): void {
  const gate = watch.gate(model);
  assert.equal(gate.enter(), undefined);
  gate.accepted();
}

for (const [error, code] of [
  [new UpstreamError(401, 'x'), 'upstream_authentication_failed'],
  [new UpstreamError(403, 'x', undefined, false, true), 'upstream_authentication_failed'],
  [new NotLoggedInError('x'), 'credentials_missing'],
] as const) {
  test(`${error.message} turns readiness off, and what shows that credentials are taken turns it on`, () => {
    fail(error);
    assert.equal(problem(), code);
    assert.equal(refusals, 1);
    assert.ok(watch.gate('b').refusal());
    watch.acceptLogin();
    assert.equal(problem(), undefined);
    assert.equal(watch.gate('b').refusal(), undefined);
  });
}

for (const error of [
  new UpstreamError(429, 'x', 30, false, true),
  new UpstreamError(529, 'x', 30),
  new UpstreamError(500, 'x'),
  new UpstreamError(undefined, 'x'),
  new CliCrashedError(1, null, ''),
]) {
  test(`${error.message} leaves it on`, () => {
    fail(error);
    assert.equal(problem(), undefined);
    assert.equal(refusals, 0);
  });
}

const FIVE_MINUTES_MS = 300_000;

test('one model that is forbidden is not the credentials; two in a row are where nothing was ever accepted', () => {
  fail(new UpstreamError(403, 'x'), 'a');
  fail(new UpstreamError(403, 'x'), 'a');
  assert.equal(problem(), undefined);
  fail(new UpstreamError(403, 'x'), 'b');
  assert.equal(problem(), 'upstream_authentication_failed');
});

for (const [what, accept] of [
  ['a request was accepted', () => succeed('a')],
  ['a request was looked at', () => void fail(new UpstreamError(400, 'x'))],
  ['the credentials were shown to be taken', () => watch.acceptLogin()],
] as const) {
  test(`for five minutes after ${what}, forbidden models are not the credentials, however many`, () => {
    fail(new UpstreamError(403, 'x'), 'b');
    accept();
    now = FIVE_MINUTES_MS - 1;
    for (const model of ['c', 'd', 'e']) fail(new UpstreamError(403, 'x'), model);
    assert.equal(problem(), undefined);
    assert.equal(watch.gate('a').refusal(), undefined);
    assert.equal(refusals, 0);
  });
}

test('afterwards two in a row are the credentials again, and those of before do not count', () => {
  succeed('a');
  fail(new UpstreamError(403, 'x'), 'b');
  now = FIVE_MINUTES_MS;
  fail(new UpstreamError(403, 'x'), 'c');
  assert.equal(problem(), undefined);
  fail(new UpstreamError(403, 'x'), 'd');
  assert.equal(problem(), 'upstream_authentication_failed');
});

test('a 403 that the CLI itself tries again is the credentials, whatever was accepted just before', () => {
  succeed('a');
  fail(new UpstreamError(403, 'x', undefined, false, true), 'b');
  assert.equal(problem(), 'upstream_authentication_failed');
});

test('a client is told the time that is remembered where upstream named none', () => {
  const told = fail(new UpstreamError(429, 'x'));
  assert.ok(told instanceof UpstreamError && told.retryAfterSeconds === 5);
});

test('overload is remembered as far as a time was named, at most a minute', () => {
  fail(new UpstreamError(529, 'x'), 'a');
  assert.equal(watch.gate('a').refusal(), undefined);
  fail(new UpstreamError(529, 'x', 3600), 'a');
  const refusal = watch.gate('a').refusal();
  assert.ok(refusal instanceof UpstreamError && refusal.status === 529 && (refusal.retryAfterSeconds ?? 99) <= 60);
});

test('the request that finds out after a limit makes way for the next, whatever becomes of it', () => {
  for (const error of [new UpstreamError(400, 'x'), new UpstreamError(500, 'x'), new CliCrashedError(1, null, '')]) {
    fail(new UpstreamError(429, 'x', 0));
    fail(error);
    succeed('a');
  }
});
