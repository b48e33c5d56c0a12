// Guarantee: a conversation is only ever taken back to before a message of the user's own, so that no call is parted from its
// result, and the transcript says then exactly what the CLI still holds.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import type { UserBlock } from '../turn/turn.ts';
import { Transcript } from './transcript.ts';

type Kind = 'user' | 'result' | 'assistant';
const TEXT: UserBlock = { type: 'text', text: 'x' };
const RESULT: UserBlock = { type: 'tool_result', tool_use_id: 'a', content: 'r' };

/** Messages whose digests and uuids tell their position: `d0` and `u0` for the first. */
function transcriptOf(...kinds: Kind[]): Transcript {
  const transcript = new Transcript();
  for (const [index, kind] of kinds.entries()) append(transcript, kind, index);
  return transcript;
}

function append(transcript: Transcript, kind: Kind, index: number): void {
  if (kind === 'assistant') return transcript.addAssistant(`d${index}`, `u${index}`);
  // The user can go on to speak in the message that has the results.
  const content = kind === 'result' ? [RESULT, TEXT] : [TEXT];
  transcript.addUser({ role: 'user', content }, `d${index}`, `u${index}`);
}

const EXCHANGE: Kind[] = ['user', 'assistant', 'user', 'assistant', 'result', 'assistant', 'result', 'assistant'];

for (const [wanted, keep] of [
  [0, 0],
  [1, 0],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 2],
  [7, 2],
  [8, 8],
  [100, 8],
] as const) {
  test(`of two turns, of which one has calls, ${keep} messages can be left when ${wanted} are wanted at most`, () => {
    assert.equal(transcriptOf(...EXCHANGE).cutAt(wanted), keep);
  });
}

test('a rewind between a call and its result forgets the whole turn of the call', () => {
  assert.deepEqual(transcriptOf(...EXCHANGE).rewindTarget(5), {
    keep: 2,
    uuid: 'u2',
    lastUserUuid: 'u6',
    precedingAssistantUuid: 'u1',
  });
});

test('a rewind to nothing begins at the first message and leaves no answer', () => {
  const target = transcriptOf(...EXCHANGE).rewindTarget(1);
  assert.deepEqual([target?.keep, target?.uuid, target?.precedingAssistantUuid], [0, 'u0', null]);
});

test('where nothing is to be forgotten there is no target', () => {
  const transcript = transcriptOf('user', 'assistant');
  assert.deepEqual([transcript.rewindTarget(2), transcript.rewindTarget(9)], [undefined, undefined]);
  assert.equal(new Transcript().rewindTarget(0), undefined);
});

test('a message that the CLI has not answered is the newest one, and can be taken back alone', () => {
  assert.deepEqual(transcriptOf('user', 'assistant', 'user').rewindTarget(2), {
    keep: 2,
    uuid: 'u2',
    lastUserUuid: 'u2',
    precedingAssistantUuid: 'u1',
  });
});

test('an answer whose uuid is not known leaves none that a rewind could prove', () => {
  const transcript = transcriptOf('user');
  transcript.addAssistant('d1', undefined);
  append(transcript, 'user', 2);
  assert.equal(transcript.rewindTarget(2)?.precedingAssistantUuid, null);
});

test('digests that were read before do not change with the transcript', () => {
  const transcript = transcriptOf('user', 'assistant');
  const before = transcript.digests;
  append(transcript, 'user', 2);
  const grown = transcript.digests;
  transcript.truncate(0);
  assert.deepEqual([before, grown, transcript.digests], [['d0', 'd1'], ['d0', 'd1', 'd2'], []]);
});

test('after a rewind it goes on as if what was forgotten had never been said', () => {
  const transcript = transcriptOf(...EXCHANGE);
  transcript.truncate(2);
  append(transcript, 'user', 20);
  assert.equal(transcript.length, 3);
  assert.deepEqual(transcript.digests, ['d0', 'd1', 'd20']);
  assert.deepEqual(transcript.rewindTarget(2), {
    keep: 2,
    uuid: 'u20',
    lastUserUuid: 'u20',
    precedingAssistantUuid: 'u1',
  });
});

test('leaving more messages than there are forgets none', () => {
  const transcript = transcriptOf('user', 'assistant');
  transcript.truncate(5);
  assert.deepEqual([transcript.length, transcript.digests], [2, ['d0', 'd1']]);
});

test('whatever is wanted, what is left is not more, and the longest that parts no call from its result', () => {
  const turn = fc.array(fc.constant<Kind[]>(['assistant', 'result']), { maxLength: 2 }).map((steps): Kind[] => ['user', ...steps.flat(), 'assistant']); // prettier-ignore
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 4 }), fc.nat(30), (turns, wanted) => {
      const kinds = turns.flat();
      const transcript = transcriptOf(...kinds);
      const keep = transcript.cutAt(wanted);
      const isWhole = (count: number): boolean => count === kinds.length || kinds[count] === 'user';
      assert.ok(keep <= wanted && isWhole(keep));
      for (let longer = keep + 1; longer <= Math.min(wanted, kinds.length); longer += 1) assert.ok(!isWhole(longer));
      const target = transcript.rewindTarget(wanted);
      assert.equal(target?.keep, keep < kinds.length ? keep : undefined);
      if (target) assert.equal(target.lastUserUuid, `u${kinds.findLastIndex((kind) => kind !== 'assistant')}`);
    }),
  );
});
