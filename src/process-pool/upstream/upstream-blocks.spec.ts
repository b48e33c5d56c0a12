// Guarantee: what upstream refuses is not asked for again before its time; then a limit is over for every request, while one
// request tries refused credentials. Nothing that was sent before a refusal ends it.
import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import { UpstreamBlocks, type Refusal } from './upstream-blocks.ts';

let now: number;
let blocks: UpstreamBlocks;
beforeEach(() => {
  now = 1000;
  blocks = new UpstreamBlocks(() => now);
});

const LIMIT: Refusal = { reason: 'rate-limit', seconds: 30, isAccountWide: false };

test('a model is blocked for the time that was named, told to the second; others are not', () => {
  assert.equal(blocks.refuse(blocks.send('a'), LIMIT), 30);
  now += 12_500;
  assert.deepEqual(blocks.find('a'), { reason: 'rate-limit', retryAfterSeconds: 18 });
  assert.equal(blocks.find('b'), undefined);
  now += 17_500;
  assert.equal(blocks.find('a'), undefined);
});

for (const reason of ['rate-limit', 'overloaded'] as const) {
  test(`after its time a block (${reason}) is over for every request, also behind the first one`, () => {
    blocks.refuse(blocks.send('a'), { ...LIMIT, reason, isAccountWide: reason === 'rate-limit' });
    now += 30_000;
    for (let request = 0; request < 20; request += 1) {
      assert.equal(blocks.find('a'), undefined);
      blocks.send('a');
    }
    assert.deepEqual(blocks.blocked, []);
  });
}

test('after their time refused credentials are tried by one request, the others wait for its first sign, at most ten seconds', () => {
  blocks.refuse(blocks.send('a'), { reason: 'login', seconds: 30, isAccountWide: true });
  now += 30_000;
  const trial = blocks.send('a');
  assert.deepEqual(blocks.find('a'), { reason: 'login', retryAfterSeconds: 1 });
  now += 10_000;
  assert.equal(blocks.find('a'), undefined);
  blocks.send('a');
  blocks.accept(trial);
  assert.equal(blocks.find('a'), undefined);
  assert.deepEqual(blocks.blocked, []);
});

test('a limit whose time is far away is tried by one request at a time', () => {
  blocks.refuse(blocks.send('a'), { ...LIMIT, seconds: 7200 });
  now += 300_000;
  assert.equal(blocks.find('a'), undefined);
  blocks.send('a');
  assert.equal(blocks.find('a')?.reason, 'rate-limit');
});

test('an answer to a request that was sent before the refusal does not end it', () => {
  const early = blocks.send('a');
  const refused = blocks.send('a');
  now += 10;
  blocks.refuse(refused, LIMIT);
  now += 10;
  blocks.accept(early);
  assert.ok(blocks.find('a'));
});

test('without a time it is five seconds, then twice as many each time, up to two minutes; a success begins anew', () => {
  const told: number[] = [];
  for (let refusals = 0; refusals < 7; refusals += 1) {
    const seconds = blocks.refuse(blocks.send('a'), { ...LIMIT, seconds: undefined });
    told.push(seconds);
    now += seconds * 1000;
  }
  assert.deepEqual(told, [5, 10, 20, 40, 80, 120, 120]);
  blocks.accept(blocks.send('a'));
  assert.equal(blocks.refuse(blocks.send('a'), { ...LIMIT, seconds: undefined }), 5);
});

test('requests that were refused together count once', () => {
  const together = [blocks.send('a'), blocks.send('a'), blocks.send('a')];
  const told = together.map((sent) => {
    now += 1;
    return blocks.refuse(sent, { ...LIMIT, seconds: undefined });
  });
  assert.deepEqual(told, [5, 5, 5]);
});

test('a block of the account concerns every model', () => {
  blocks.refuse(blocks.send('a'), { ...LIMIT, isAccountWide: true });
  assert.ok(blocks.find('b'));
  assert.deepEqual(blocks.blocked, [{ model: '*', reason: 'rate-limit', retryAfterSeconds: 30 }]);
  now += 30_000;
  blocks.accept(blocks.send('b'));
  assert.equal(blocks.find('a'), undefined);
});

test('however long the time that was named, a request finds out every five minutes', () => {
  blocks.refuse(blocks.send('a'), { ...LIMIT, seconds: 7200 });
  now += 299_000;
  assert.equal(blocks.find('a')?.retryAfterSeconds, 6901);
  now += 1000;
  assert.equal(blocks.find('a'), undefined);
});

test('models that nobody asks for any more are forgotten', () => {
  for (let index = 0; index < 1000; index += 1) {
    blocks.refuse(blocks.send(`model-${index}`), { ...LIMIT, seconds: 1 });
    now += 1000;
  }
  now += 600_000;
  blocks.refuse(blocks.send('last'), LIMIT);
  assert.deepEqual(
    blocks.blocked.map(({ model }) => model),
    ['last'],
  );
});

test('the number of models is bounded, however long upstream asks to wait; those that end first are forgotten', () => {
  blocks.refuse(blocks.send('a'), { ...LIMIT, isAccountWide: true, seconds: 1 });
  blocks.refuse(blocks.send('long'), { ...LIMIT, seconds: 1_000_000 });
  for (let index = 0; index < 1000; index += 1)
    blocks.refuse(blocks.send(`model-${index}`), { ...LIMIT, seconds: 10_000 + index });
  const models = blocks.blocked.map(({ model }) => model);
  assert.equal(models.length, 201);
  assert.ok(['*', 'long', 'model-999'].every((model) => models.includes(model)));
  assert.ok(!models.includes('model-0'));
});
