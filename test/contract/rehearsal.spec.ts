// Guarantee: a rehearsed process serves as one that never was: its requests are the same, byte for byte, and the rehearsal
// reaches nobody and costs nothing.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { LoopbackApi } from '../../src/claude-cli/check/loopback-api.ts';
import { NOTHING_SPENT } from '../../src/claude-cli/turn/spending.ts';
import { CliBench, run, turnOf, withoutIds } from '../support/cli-session.ts';
import { weather } from '../support/weather-tool.ts';

let bench: CliBench;
let loopback: LoopbackApi;
const rehearsed: string[] = [];
beforeAll(async () => {
  bench = await CliBench.start();
  loopback = await LoopbackApi.start((body) => rehearsed.push(body));
});
afterAll(async () => {
  await bench.stop();
  loopback.close();
});

test('requests of a rehearsed process are byte-identical to those of another one', async () => {
  const turns = [
    turnOf(['first']),
    turnOf(['one', 'two', 'three'], { system: ['a system text'], tools: [weather] }),
    turnOf(['last'], { settings: { temperature: 0.5, maxOutputTokens: 77, thinking: 'off' } }),
  ];
  const seen: string[][] = [];
  for (const how of ['none', 'inside the process', 'on loopback'] as const) {
    const session = bench.session(how === 'on loopback' ? { rehearsalUrl: loopback.url } : {});
    await session.initialize();
    bench.api.reset();
    if (how !== 'none') await session.rehearse();
    assert.equal(rehearsed.length, how === 'on loopback' ? 1 : 0);
    assert.equal(bench.api.requests.length, 0);
    assert.deepEqual(session.spent, NOTHING_SPENT);
    assert.deepEqual(session.held, []);
    for (const turn of turns) await run(session, turn);
    seen.push(bench.api.requests.map(({ raw }) => withoutIds(raw)));
  }
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
  assert.equal(seen[0]?.length, turns.length);
});

test('where the rehearsal finds no API the process serves all the same', async () => {
  const session = bench.session({ rehearsalUrl: 'http://127.0.0.1:9' });
  await session.initialize();
  await session.rehearse();
  bench.api.reset();
  await run(session, turnOf(['first']));
  assert.equal(bench.api.requests.length, 1);
  assert.equal(session.hasEnded, false);
});

test('a rehearsal that fails ends the process', async () => {
  const session = bench.session();
  await session.initialize();
  process.kill(session.pid ?? 0, 'SIGKILL');
  await assert.rejects(session.rehearse(), { code: 'cli-start-failed' });
  await session.ended;
  assert.equal(session.hasEnded, true);
});
