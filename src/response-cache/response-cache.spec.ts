// Guarantee: what is kept is bounded in number, size and time, for each tenant apart, and is always a whole answer that
// ended by itself.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, jest, test } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { concat, lastValueFrom, NEVER, Observable, of, Subject, take, throwError, toArray } from 'rxjs';
import { fakeTimers } from '../../test/support/fake-timers.ts';
import { finish, TURNS } from '../../test/support/turn-events.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { TurnEvent } from '../claude-cli/turn/turn.ts';
import { loadSettings } from '../config/load-settings.ts';
import { SettingsModule } from '../config/settings.module.ts';
import type { CacheControl } from './cache-control.ts';
import type { CacheStatus } from './cache-figures.ts';
import { ResponseCacheModule } from './response-cache.module.ts';
import { ResponseCache } from './response-cache.ts';

const BOTH: CacheControl = { reads: true, stores: true };
const FRESH: CacheControl = { reads: false, stores: true };
const NEITHER: CacheControl = { reads: false, stores: false };

let modules: TestingModule[] = [];
let made = 0;
beforeEach(() => void (made = 0));
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(modules.map((module) => module.close()));
  modules = [];
});

async function start(settings: Record<string, string> = {}): Promise<ResponseCache> {
  const environment = Object.fromEntries(
    Object.entries({ ENABLED: 'true', ...settings }).map(([name, value]) => [`CLAUDE_CODE__CACHE__${name}`, value]),
  );
  const loaded = loadSettings({ environment, directory: import.meta.dirname });
  const module = await Test.createTestingModule({ imports: [SettingsModule.with(loaded), ResponseCacheModule] }).compile();
  modules.push(module);
  return module.get(ResponseCache);
} // prettier-ignore

const answer = (...events: TurnEvent[]): AnswerEvent[] => events.map((event) => ({ choice: 0, event }));
const said = (text: string): AnswerEvent[] => answer({ type: 'text-delta', text }, finish('stop', { costUsd: 0.5 }));

/** An answer that counts how often it is made. */
function making(source: Observable<AnswerEvent>): () => Observable<AnswerEvent> {
  return () =>
    new Observable((subscriber) => {
      made += 1;
      return source.subscribe(subscriber);
    });
}

function through(cache: ResponseCache, key: string | undefined, source: Observable<AnswerEvent>, control = BOTH) {
  const statuses: CacheStatus[] = [];
  const events = cache.answer({ key, control, onStatus: (status) => statuses.push(status) }, making(source));
  return { events, statuses };
}

/** Asks and waits for all of the answer; what it says and how it was had. */
async function ask(cache: ResponseCache, key: string | undefined, source: AnswerEvent[], control = BOTH): Promise<string> {
  const { events, statuses } = through(cache, key, of(...source), control);
  const all = await lastValueFrom(events.pipe(toArray()));
  // What was made is on its way to the store.
  await setImmediate();
  const text = all.map(({ event }) => (event.type === 'text-delta' ? event.text : '')).join('');
  assert.equal(statuses.length, 1);
  return `${statuses[0]} ${text}`;
} // prettier-ignore

test('nothing of a kept answer can be changed by whoever is given it', async () => {
  const cache = await start();
  const content = [{ type: 'text' as const, text: 'one' }];
  const made = answer({ type: 'text-delta', text: 'one' }, finish('stop', { content }));
  await ask(cache, 'k', made);
  content[0]!.text = 'changed by whom it was made for';
  for (let time = 0; time < 2; time += 1) {
    const again = await lastValueFrom(through(cache, 'k', NEVER).events.pipe(toArray()));
    const [piece, end] = again.map(({ event }) => event);
    assert.ok(piece?.type === 'text-delta' && end?.type === 'finish');
    assert.deepEqual(end.content, [{ type: 'text', text: 'one' }]);
    assert.throws(() => ((piece as { text: string }).text = 'changed'), TypeError);
    assert.throws(() => ((end.content[0] as { text: string }).text = 'changed'), TypeError);
  }
});

test('the second time an answer comes from the cache, and costs nothing', async () => {
  const cache = await start();
  assert.equal(await ask(cache, 'k', said('one')), 'miss one');
  const { events } = through(cache, 'k', NEVER);
  const again = await lastValueFrom(events.pipe(toArray()));
  const [piece, end] = said('one');
  const expected = { ...end, event: { ...finish('stop'), costUsd: 0 }, isRepeated: true };
  assert.deepEqual(again, [piece, expected]);
  const { hits, misses, stored, entries, saved_cost_usd: cost, saved_tokens: tokens } = cache.snapshot();
  assert.deepEqual([hits, misses, stored, entries, cost, tokens], [1, 1, 1, 1, 0.5, { prompt: 19, completion: 7 }]);
  assert.equal(made, 1);
});

test('other keys are other answers', async () => {
  const cache = await start();
  await ask(cache, 'k', said('one'));
  assert.equal(await ask(cache, 'l', said('two')), 'miss two');
  assert.equal(await ask(cache, 'k', said('three')), 'hit one');
});

test('no-cache does not read but fills, no-store does neither, and what has no key is passed by', async () => {
  const cache = await start();
  assert.equal(await ask(cache, 'k', said('one'), NEITHER), 'bypass one');
  assert.equal(await ask(cache, 'k', said('two'), FRESH), 'bypass two');
  assert.equal(await ask(cache, 'k', said('three'), NEITHER), 'bypass three');
  assert.equal(await ask(cache, 'k', said('four')), 'hit two');
  assert.equal(await ask(cache, 'k', said('five'), FRESH), 'bypass five');
  assert.equal(await ask(cache, 'k', said('six')), 'hit five');
  assert.equal(await ask(cache, undefined, said('seven')), 'bypass seven');
  assert.deepEqual([cache.snapshot().bypassed, cache.snapshot().entries], [5, 1]);
});

for (const name of ['cut off', 'refusal', 'refusal after some text'] as const) {
  test(`${name} is never given again`, async () => {
    const cache = await start();
    const events = answer(...TURNS[name]);
    await ask(cache, 'k', events);
    await ask(cache, 'k', events, FRESH);
    assert.match(await ask(cache, 'k', said('whole')), /^miss whole$/);
    assert.equal(cache.snapshot().stored, 1);
  });
}

test('a failure, before or after the first piece, is never given again', async () => {
  const cache = await start();
  const failure = throwError(() => new Error('broken'));
  for (const source of [failure, concat(of(...answer({ type: 'text-delta', text: 'half' })), failure)]) {
    await assert.rejects(lastValueFrom(through(cache, 'k', source).events), { message: 'broken' });
    await assert.rejects(lastValueFrom(through(cache, 'k', source, FRESH).events), { message: 'broken' });
  }
  assert.equal(await ask(cache, 'k', said('whole')), 'miss whole');
  assert.deepEqual([cache.snapshot().stored, made], [1, 5]);
});

test('an answer that its client left is never given again', async () => {
  const cache = await start();
  await lastValueFrom(through(cache, 'k', concat(of(...said('left').slice(0, 1)), NEVER)).events.pipe(take(1)));
  // Even one that was complete, but for its end.
  await lastValueFrom(through(cache, 'k', concat(of(...said('left')), NEVER)).events.pipe(take(2)));
  assert.equal(await ask(cache, 'k', said('whole')), 'miss whole');
});

test('equal requests at the same moment are answered once, whenever they come', async () => {
  const cache = await start();
  const turn = new Subject<AnswerEvent>();
  const [piece, end] = said('one');
  const early = Array.from({ length: 50 }, () => through(cache, 'k', turn));
  const answers = early.map(({ events }) => lastValueFrom(events.pipe(toArray())));
  await waitFor('the answer to begin', () => turn.observed);
  turn.next(piece!);
  const late = through(cache, 'k', turn);
  answers.push(lastValueFrom(late.events.pipe(toArray())));
  turn.next(end!);
  turn.complete();
  for (const events of await Promise.all(answers)) assert.deepEqual([events.length, events[0]], [2, piece]);
  assert.equal(made, 1);
  const { misses, shared, saved_cost_usd: cost } = cache.snapshot();
  assert.deepEqual([misses, shared, cost], [1, 50, 25]);
  assert.equal(await ask(cache, 'k', said('two')), 'hit one');
});

test('what is made in another manner is not shared, but kept for all', async () => {
  const cache = await start();
  const turns = [new Subject<AnswerEvent>(), new Subject<AnswerEvent>()];
  const answers = turns.map((turn, index) => {
    const request = { key: 'k', manner: `${index}`, control: BOTH, onStatus: () => undefined };
    return lastValueFrom(cache.answer(request, making(turn)));
  });
  await waitFor('both to begin', () => turns.every((turn) => turn.observed));
  for (const [index, turn] of turns.entries()) {
    for (const event of said(`answer ${index}`)) turn.next(event);
    turn.complete();
  }
  await Promise.all(answers);
  assert.equal(made, 2);
  assert.equal(await ask(cache, 'k', []), 'hit answer 1');
});

test('a failure of a shared answer reaches all who share it', async () => {
  const cache = await start();
  const turn = new Subject<AnswerEvent>();
  const answers = Array.from({ length: 3 }, () => lastValueFrom(through(cache, 'k', turn).events));
  const all = Promise.allSettled(answers);
  await waitFor('the answer to begin', () => turn.observed);
  turn.error(new Error('broken'));
  assert.deepEqual(
    (await all).map((result) => result.status === 'rejected' && (result.reason as Error).message),
    ['broken', 'broken', 'broken'],
  );
  assert.equal(made, 1);
});

test('each who is given a call again has ids of its own for it, the same in the content', async () => {
  const cache = await start();
  const call = { type: 'tool_use' as const, id: 'toolu_0', name: 'weather', input: { city: 'Oslo' } };
  const events = answer(...TURNS['one call'].slice(0, -1), finish('tool-calls', { content: [call] }));
  await ask(cache, 'k', events);
  const ids = new Set(['toolu_0']);
  for (let time = 0; time < 3; time += 1) {
    const again = await lastValueFrom(through(cache, 'k', NEVER).events.pipe(toArray()));
    const [id] = again.flatMap(({ event }) => (event.type === 'tool-call-start' ? event.id : []));
    const end = again.at(-1)!.event;
    assert.match(id ?? '', /^toolu_[0-9a-f]{24}$/);
    assert.deepEqual(end.type === 'finish' && end.content, [{ ...call, id }]);
    ids.add(id!);
  }
  assert.equal(ids.size, 4);
});

test('an answer is forgotten when its time is over, without being asked for', async () => {
  fakeTimers(['Date', 'setTimeout']);
  const cache = await start({ TTL_SECONDS: '60' });
  await ask(cache, 'k', said('one'));
  jest.advanceTimersByTime(59_000);
  assert.equal(await ask(cache, 'k', said('two')), 'hit one');
  jest.advanceTimersByTime(2_000);
  assert.equal(await ask(cache, 'k', said('three')), 'miss three');
});

test('an expired answer takes no room', async () => {
  const cache = await start({ TTL_SECONDS: '0.02' });
  await ask(cache, 'k', said('one'));
  await waitFor('the entry to go', () => cache.snapshot().entries === 0);
  assert.equal(cache.snapshot().bytes, 0);
});

test('of too many answers the one that was not asked for longest goes', async () => {
  const cache = await start({ MAX_ENTRIES: '2' });
  await ask(cache, 'a', said('a'));
  await ask(cache, 'b', said('b'));
  assert.equal(await ask(cache, 'a', []), 'hit a');
  await ask(cache, 'c', said('c'));
  assert.deepEqual([cache.snapshot().entries, cache.snapshot().evictions], [2, 1]);
  assert.equal(await ask(cache, 'a', []), 'hit a');
  assert.equal(await ask(cache, 'b', said('b again')), 'miss b again');
});

test('the size of all answers is bounded, and one that is too large is given but not kept', async () => {
  const cache = await start({ MAX_MEGABYTES: '0.1' });
  for (let index = 0; index < 50; index += 1) await ask(cache, `k${index}`, said('x'.repeat(8000)));
  const { entries, bytes, evictions } = cache.snapshot();
  assert.ok(entries > 5 && entries < 14 && bytes <= 0.1 * 1024 * 1024, `${entries} entries of ${bytes} bytes`);
  assert.equal(evictions, 50 - entries);
  const large = 'x'.repeat(20_000);
  assert.equal(await ask(cache, 'large', said(large)), `miss ${large}`);
  assert.equal(await ask(cache, 'large', said('again')), 'miss again');
});

test('answers to one tenant do not push out those to another', async () => {
  const cache = await start({ MAX_ENTRIES: '5' });
  await ask(cache, 'digest alice', said('hers'));
  for (let index = 0; index < 50; index += 1) await ask(cache, `digest${index} bob`, said('his'));
  assert.equal(await ask(cache, 'digest alice', []), 'hit hers');
  assert.equal(cache.snapshot().entries, 5);
});
