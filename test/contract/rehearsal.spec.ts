// Guarantee: a rehearsed process serves as one that never was: its requests are the same, byte for byte, and the rehearsal
// reaches nobody and costs nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NOTHING_SPENT } from '../../src/claude-cli/spending.ts';
import { CliBench, run, turnOf, withoutIds } from '../support/cli-session.ts';
import { weather } from '../support/weather-tool.ts';

let bench: CliBench;
before(async () => {
  bench = await CliBench.start();
});
after(() => bench.stop());

test('requests of a rehearsed process are byte-identical to those of another one', async () => {
  const turns = [
    turnOf(['first']),
    turnOf(['one', 'two', 'three'], { system: ['a system text'], tools: [weather] }),
    turnOf(['last'], { settings: { temperature: 0.5, maxOutputTokens: 77, thinking: 'off' } }),
  ];
  const seen: string[][] = [];
  for (const isRehearsed of [false, true]) {
    const session = bench.session();
    await session.initialize();
    bench.api.reset();
    if (isRehearsed) await session.rehearse();
    assert.equal(bench.api.requests.length, 0);
    assert.deepEqual(session.spent, NOTHING_SPENT);
    assert.deepEqual(session.held, []);
    for (const turn of turns) await run(session, turn);
    seen.push(bench.api.requests.map(({ raw }) => withoutIds(raw)));
  }
  assert.deepEqual(seen[1], seen[0]);
  assert.equal(seen[0]?.length, turns.length);
});

test('a rehearsal that fails ends the process', async () => {
  const session = bench.session();
  await session.initialize();
  process.kill(session.pid ?? 0, 'SIGKILL');
  await assert.rejects(session.rehearse(), { code: 'cli-start-failed' });
  await session.ended;
  assert.equal(session.hasEnded, true);
});
