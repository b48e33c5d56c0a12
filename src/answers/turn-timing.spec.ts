// Guarantee: Server-Timing tells what has happened so far, and nothing that has not.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { TurnTiming } from './turn-timing.ts';

const lease = { tier: 'live', queueMs: 1.25, reusedMessages: 4 } as const;

test('before a process was found there is nothing to tell', () => {
  assert.equal(new TurnTiming(performance.now()).header(false), '');
});

test('the wait, how the process was found and the first token are told, the total only of a complete answer', () => {
  const timing = new TurnTiming(performance.now());
  timing.noteLease(lease);
  assert.match(timing.header(false), /^queue;dur=1\.[23], lease;desc="live"$/);
  timing.noteToken();
  assert.match(timing.header(false), /^queue;dur=\S+, lease;desc="live", first-token;dur=\d+\.\d$/);
  assert.match(timing.header(true), /, first-token;dur=\d+\.\d, total;dur=\d+\.\d$/);
});

test('only the first token counts as the first', () => {
  const timing = new TurnTiming(performance.now());
  timing.noteToken();
  const { firstTokenMs } = timing;
  timing.noteToken();
  assert.equal(timing.firstTokenMs, firstTokenMs);
});
