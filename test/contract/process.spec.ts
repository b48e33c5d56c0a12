// Guarantee: a process ends when it is told to, whole, and the checks before readiness notice a CLI that is different.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { runCanary } from '../../src/claude-cli/check/canary.ts';
import { checkBuiltInTools } from '../../src/claude-cli/check/check-built-in-tools.ts';
import { childEnvironment } from '../../src/claude-cli/transport/child-environment.ts';
import { bundledCommand, checkVersion, MINIMUM_CLI_VERSION } from '../../src/claude-cli/check/version.ts';
import { cancelAt, CliBench, IDENTITY, run, turnOf, withoutIds } from '../support/cli-session.ts';
import { isRunning } from '../support/processes.ts';
import { text } from '../support/scripted-messages-api.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());

const inherited = { PATH: process.env['PATH'], HOME: '/nonexistent' };

test('the pinned CLI is the tested one', async () => {
  const environment = childEnvironment({ inherited, lean: true, maxRetries: 1 });
  assert.equal(await checkVersion(bundledCommand(), environment), MINIMUM_CLI_VERSION);
});

for (const lean of [true, false]) {
  test(`the canary passes ${lean ? 'in lean mode and reads the identity' : 'in the other mode'}`, async () => {
    const environment = childEnvironment({ inherited, lean, maxRetries: 1 });
    const report = await runCanary({ command: bundledCommand(), environment, lean });
    if (lean) assert.equal(report.identity, IDENTITY);
    assert.ok(report.initialization.models.some(({ value }) => value === 'sonnet'));
  });
}

test('the canary refuses a CLI that reads the files a prompt mentions, and one that is no CLI', async () => {
  const environment = childEnvironment({ inherited, lean: false, maxRetries: 1 });
  const leaky = join(bench.directory, 'leaky.sh');
  writeFileSync(
    leaky,
    `#!/bin/sh\nunset CLAUDE_CODE_DISABLE_ATTACHMENTS CLAUDE_CODE_DISABLE_FILE_MENTIONS\nsed -u 's/,"client_composed":true//' | "${bundledCommand()}" "$@"\n`,
  );
  chmodSync(leaky, 0o755);
  await assert.rejects(runCanary({ command: leaky, environment, lean: false }), { code: 'cli-protocol' });
  await assert.rejects(runCanary({ command: '/bin/true', environment, lean: false }), { code: 'cli-start-failed' });
});

for (const [lean, names] of [
  [true, ['Bash', 'Edit', 'Read']],
  [false, ['Bash', 'Glob', 'Grep', 'Read', 'WebFetch', 'WebSearch', 'Write']],
] as const) {
  test(`the tools of the CLI ${lean ? 'in lean mode' : 'in the other mode'} are known by name, and others refused`, async () => {
    const environment = childEnvironment({ inherited, lean, maxRetries: 1 });
    const options = { command: bundledCommand(), environment, lean };
    await checkBuiltInTools({ ...options, builtInTools: names });
    await assert.rejects(checkBuiltInTools({ ...options, builtInTools: ['Read', 'Raed'] }), {
      code: 'cli-protocol',
      message: 'the CLI has no tool named Raed, which the setting claude.tools names',
    });
  });
}

for (const lean of [true, false]) {
  test(`where its own files are changes no byte of a request ${lean ? 'in lean mode' : 'in the other mode'}`, async () => {
    const workingDirectory = join(bench.directory, `work-${lean}`);
    const places = { temporaryDirectory: `${workingDirectory}-tmp`, configurationDirectory: `${workingDirectory}-own` };
    for (const directory of [workingDirectory, ...Object.values(places)]) mkdirSync(directory);
    const seen: string[] = [];
    for (const options of [{}, { places }]) {
      const session = bench.session({ lean, workingDirectory, ...options });
      await session.initialize(['Be brief.']);
      await run(session, turnOf(['first', 'answer', 'second']));
      seen.push(withoutIds(bench.api.last.raw));
    }
    assert.equal(seen[1], seen[0]);
    assert.ok(readdirSync(places.configurationDirectory).length > 0, 'it is used');
  });
}

test('end of input ends an idle process at once, politely', async () => {
  const session = bench.session();
  await run(session, turnOf(['x']));
  const end = await session.end();
  assert.equal(end.exitCode, 0);
  assert.equal(isRunning(session.pid!), false);
});

test('a process that is killed fails its turn, and nothing of its group is left', async () => {
  const session = bench.session();
  bench.api.respond({ kind: 'hang' });
  const turn = run(session, turnOf(['x']));
  await bench.api.until((api) => api.last.outcome === 'open');
  process.kill(session.pid!, 'SIGKILL');
  await assert.rejects(turn, { code: 'cli-crashed', signal: 'SIGKILL' });
  assert.equal(session.hasEnded, true);
  bench.api.respond(text('fine'));
});

test('a turn that is cancelled before anything came back never goes on', async () => {
  const session = bench.session();
  await session.initialize();
  for (let round = 0; round < 10; round += 1) {
    bench.api.reset();
    bench.api.respond(text('slow '.repeat(50), { deltaDelayMs: 20 }));
    const subscription = session.run(turnOf([`round ${round}`]), 0).subscribe();
    await new Promise((resolve) => setImmediate(resolve));
    subscription.unsubscribe();
    await session.settle();
    assert.equal(session.hasEnded, false);
    assert.equal(session.held.length, 0);
    await bench.api.until((api) => api.requests.every(({ outcome }) => outcome !== 'open'), 2000);
  }
  await cancelAt(session, turnOf(['and later']), 'start');
  assert.equal(session.hasEnded, false);
});
