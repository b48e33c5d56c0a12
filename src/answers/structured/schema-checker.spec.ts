// Guarantee: an answer is right exactly when the client's own schema says so, and no schema and no answer holds the service up.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { jest, test } from '@jest/globals';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { OUTPUT_SHAPES } from '../../../test/support/output-schemas.ts';
import { formatOfSchema } from './output-format.ts';
import { SchemaChecker, UnusableSchemaError, type CheckReply, type CheckRequest } from './schema-checker.ts';

const checker = new SchemaChecker(60_000);

for (const { name, schema, valid, wrong } of OUTPUT_SHAPES) {
  test(`${name}: what is valid is right, what is not is told`, async () => {
    const format = formatOfSchema(schema, { parameter: 'format', field: 'schema', title: 'x' });
    assert.ok(format?.schema);
    assert.equal(await checker.check(format.schema, JSON.stringify(valid)), undefined);
    assert.match((await checker.check(format.schema, JSON.stringify(wrong))) ?? '', /./);
  });
}

test('what is wrong is told with its place, all of it', async () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'array', items: { enum: ['x', 'y'] } }, b: { type: 'integer', minimum: 3 } },
    additionalProperties: false,
  };
  const check = (value: unknown) => checker.check(schema, JSON.stringify(value));
  assert.equal(await check({ a: ['x', 'z'] }), `'/a/1' must be equal to one of the allowed values (["x","y"])`);
  assert.equal(await check({ b: 2, c: 1 }), `the answer must NOT have additional properties ("c"); '/b' must be >= 3`);
  assert.equal(await check(5), 'the answer must be object');
});

test('patterns are tested as the engine of the service knows them, others are not', async () => {
  const check = (pattern: string, value: string) => checker.check({ pattern }, JSON.stringify(value));
  assert.equal(await check('^(?!x)\\p{L}+$', 'é'), undefined);
  assert.match((await check('^(?!x)\\p{L}+$', 'xé')) ?? '', /pattern/);
  assert.match((await check('^[a-z\\_]+\\-$', 'A')) ?? '', /pattern/);
  assert.equal(await check('(?P<year>\\d{4})', 'x'), undefined);
});

const doubling = Object.fromEntries(
  Array.from({ length: 60 }, (_value, index) => {
    const next = { $ref: `#/$defs/d${index + 1}` };
    return [`d${index}`, index === 59 ? { type: 'object' } : { allOf: [next, next] }];
  }),
);
const HOSTILE: Record<string, [schema: Record<string, unknown>, json: string, verdict: RegExp]> = {
  'references that double at every step': [{ $ref: '#/$defs/d0', $defs: doubling }, '{}', /in time/],
  'a pattern that backtracks without end': [{ pattern: '^(a+)+$' }, `"${'a'.repeat(100)}b"`, /in time/],
  'a schema that only refers to itself': [{ $ref: '#' }, '{}', /too deeply|in time/],
}; // prettier-ignore
for (const [name, [schema, json, verdict]] of Object.entries(HOSTILE)) {
  test(`${name}: it is given up, and the next answer is checked all the same`, async () => {
    const impatient = new SchemaChecker(1000);
    const [hostile, honest] = await Promise.all([
      impatient.check(schema, json),
      impatient.check({ type: 'string' }, '"x"').then(() => impatient.check({ type: 'string' }, '5')),
    ]);
    assert.match(hostile ?? '', verdict);
    assert.match(honest ?? '', /must be string/);
  });
}

test('a schema reaches neither another schema nor the prototype of objects', async () => {
  await checker.prepare({ $anchor: 'secret', type: 'integer' });
  await assert.rejects(checker.prepare({ $ref: '#secret' }), UnusableSchemaError);
  const json = '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}';
  const schema = JSON.parse(json) as Record<string, unknown>;
  assert.equal(await checker.check(schema, '{"__proto__":"x"}'), undefined);
  assert.match((await checker.check(schema, '{}')) ?? '', /required/);
});

test('thousands of schemas are checked against without their being kept', async () => {
  for (let index = 0; index < 200; index += 1) {
    const schema = { const: index, description: 'x'.repeat(50_000) };
    assert.equal(await checker.check(schema, String(index)), undefined);
  }
});

/** A thread that answers when it is told to. */
class Thread extends EventEmitter {
  readonly asked: string[] = [];
  readonly ref = (): void => undefined;
  readonly unref = (): void => undefined;

  postMessage({ schema, json }: CheckRequest): void {
    const { title } = JSON.parse(schema) as { title: string };
    this.asked.push(json === undefined ? title : `answer ${title}`);
  }

  reply(): void {
    this.emit('message', { isUsable: true } satisfies CheckReply);
  }

  get checker(): SchemaChecker {
    return new SchemaChecker(60_000, () => this as unknown as Worker);
  }
} // prettier-ignore

const named = (title: string): { title: string } => ({ title });

test('a schema whose client leaves while it waits never reaches the thread', async () => {
  const thread = new Thread();
  const { checker } = thread;
  const client = new AbortController();
  const first = checker.prepare(named('first'));
  const left = checker.prepare(named('left'), { tenant: 'a', signal: client.signal });
  const last = checker.prepare(named('last'));
  thread.emit('message', 'ready');
  client.abort(new Error('it has left'));
  await assert.rejects(left, /it has left/);
  await assert.rejects(checker.prepare(named('later'), { tenant: 'a', signal: client.signal }), /it has left/);
  thread.reply();
  thread.reply();
  await Promise.all([first, last]);
  assert.deepEqual(thread.asked, ['first', 'last']);
});

test('a client that leaves while its schema is prepared changes nothing for the others', async () => {
  const thread = new Thread();
  const { checker } = thread;
  const client = new AbortController();
  const left = checker.prepare(named('left'), { tenant: 'a', signal: client.signal });
  const other = checker.prepare(named('other'));
  thread.emit('message', 'ready');
  client.abort();
  assert.deepEqual(thread.asked, ['left']);
  thread.reply();
  thread.reply();
  await Promise.all([left, other]);
  assert.deepEqual(thread.asked, ['left', 'other']);
});

test('the schema of one tenant comes before the backlog of another, and answers come before schemas', async () => {
  const thread = new Thread();
  const { checker } = thread;
  const asked = [
    ...['a1', 'a2', 'a3'].map((title) => checker.prepare(named(title), { tenant: 'a' })),
    checker.prepare(named('b1'), { tenant: 'b' }),
  ];
  thread.emit('message', 'ready');
  const answers = ['c1', 'c2'].map((title) => checker.check(named(title), '{}', { tenant: 'c' }));
  for (let count = 0; count < 6; count += 1) thread.reply();
  await Promise.all([...asked, ...answers]);
  assert.deepEqual(thread.asked, ['a1', 'answer c1', 'answer c2', 'b1', 'a2', 'a3']);
});

test('where enough schemas of a tenant wait, a further one of its own is refused', async () => {
  const thread = new Thread();
  const { checker } = thread;
  const asked = Array.from({ length: 256 }, () => checker.prepare(named('a'), { tenant: 'a' }));
  await assert.rejects(checker.prepare(named('a'), { tenant: 'a' }), { status: 429, code: 'queue_full', retryAfterSeconds: 1 });
  asked.push(checker.prepare(named('b'), { tenant: 'b' }));
  thread.emit('message', 'ready');
  asked.push(checker.prepare(named('a'), { tenant: 'a' }));
  for (const _each of asked) thread.reply();
  await Promise.all(asked);
  assert.equal(thread.asked.length, 258);
}); // prettier-ignore

test('a schema that waits too long is refused, an answer that is finished is not', async () => {
  fakeTimers(['setTimeout']);
  afterThisTest(() => jest.useRealTimers());
  const thread = new Thread();
  const { checker } = thread;
  const first = checker.prepare(named('first'));
  thread.emit('message', 'ready');
  const second = checker.prepare(named('second'));
  const answer = checker.check(named('third'), '{}');
  jest.advanceTimersByTime(30_000);
  await assert.rejects(second, { status: 503, code: 'queue_timeout', retryAfterSeconds: 1 });
  thread.reply();
  thread.reply();
  await Promise.all([first, answer]);
  assert.deepEqual(thread.asked, ['first', 'answer third']);
});
