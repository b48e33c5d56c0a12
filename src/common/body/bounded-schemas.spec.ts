// Guarantee: reading a list or an object of the client's size ends at the first problem, which is told as zod would.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { z } from 'zod';
import { anyObject, listOf, recordOf } from './bounded-schemas.ts';
import { describeIssue } from './describe-issue.ts';

const part = z.discriminatedUnion('type', [z.object({ type: z.literal('text'), text: z.string() })]);
const ours = z.object({
  list: z.union([z.string(), listOf(part, { min: 1, max: 3 })]).nullish(),
  record: recordOf(z.number()).nullish(),
  object: anyObject().nullish(),
});
const zods = z.object({
  list: z.union([z.string(), z.array(part).min(1).max(3)]).nullish(),
  record: z.record(z.string(), z.number()).nullish(),
  object: z.record(z.string(), z.unknown()).nullish(),
});

const fine = { type: 'text', text: 'x' };
for (const body of [
  {},
  { list: null, record: null, object: null },
  { list: 'x' },
  { list: [fine, { ...fine, unknown: 1 }], record: { a: 1, __proto__: 2 }, object: { a: [1] } },
  { list: 5 },
  { list: {} },
  { list: [] },
  { list: [fine, fine, fine, fine] },
  { list: [fine, { type: 'x' }] },
  { list: [fine, {}, 5] },
  { list: [fine, { type: 'text', text: 5 }] },
  { list: [null] },
  { record: [] },
  { record: 'x' },
  { record: { a: 1, b: 'x', c: 'y' } },
  { object: [] },
  { object: 5 },
]) {
  test(`${JSON.stringify(body)} is read as zod reads it`, () => {
    const [our, zod] = [ours.safeParse(body), zods.safeParse(body)];
    assert.equal(our.success, zod.success);
    if (our.success || zod.success) assert.deepEqual(our.data, zod.data);
    else assert.deepEqual(describeIssue(our.error.issues[0]!, body), describeIssue(zod.error.issues[0]!, body));
  });
}

test('nothing behind the first problem is looked at', () => {
  let looks = 0;
  const counted = z.unknown().refine(() => (looks += 1) < 0);
  assert.equal(listOf(counted).safeParse(Array.from({ length: 1000 })).error?.issues.length, 1);
  assert.equal(recordOf(counted).safeParse(Object.fromEntries(Array.from({ length: 1000 }, (_, key) => [key, 1]))).error?.issues.length, 1); // prettier-ignore
  assert.equal(looks, 2);
});

test('nothing of a list of the wrong length, or of an object without a schema, is looked at', () => {
  let looks = 0;
  const counted = z.unknown().refine(() => (looks += 1) > 0);
  assert.equal(listOf(counted, { max: 2 }).safeParse([1, 2, 3]).success, false);
  const object = new Proxy({ a: 1 }, { get: () => (looks += 1), ownKeys: () => [`${(looks += 1)}`] });
  assert.equal(anyObject().parse(object), object);
  assert.equal(looks, 0);
});
