// Guarantee: without an API key the CLI serves as well as with one: no other session can reach a process, and a replayed
// history has the prefix, byte for byte, of the process that lived through it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { childEnvironment } from '../../src/claude-cli/transport/child-environment.ts';
import type { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import { launchArguments, plainProfile } from '../../src/claude-cli/transport/launch-options.ts';
import type { ConversationMessage, Turn, TurnFinish } from '../../src/claude-cli/turn/turn.ts';
import { bundledCommand } from '../../src/claude-cli/check/version.ts';
import { CliBench, finishOf, run, turnOf, WITHOUT_API_KEY } from '../support/cli-session.ts';
import { text, type MessagesRequestBody } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';
import { WEATHER_NAME, weather } from '../support/weather-tool.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

/** The paths of the unix sockets on which a process listens. */
function listeningSockets(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , flags, , , inode, path]) => flags === '00010000' && inodes.has(inode ?? '') && path !== undefined)
    .map((fields) => fields[7] ?? '');
}

test('a process listens on no socket, before and after a turn; without --restricted it would', async () => {
  const session = bench.session(WITHOUT_API_KEY);
  await run(session, turnOf(['x']));
  assert.deepEqual(listeningSockets(session.pid ?? 0), []);
  const open = spawn(
    bundledCommand(),
    launchArguments(plainProfile(false)).filter((option) => option !== '--restricted'),
    {
      cwd: bench.directory,
      env: childEnvironment({
        inherited: {
          PATH: process.env['PATH'],
          HOME: bench.directory,
          ANTHROPIC_BASE_URL: bench.api.url,
          ...WITHOUT_API_KEY.credentials,
        },
        lean: false,
        maxRetries: 1,
      }),
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  await waitFor('its socket', () => listeningSockets(open.pid ?? 0).length > 0, 60_000);
  open.kill('SIGKILL');
  await once(open, 'exit');
});

/** What the provider's prompt cache compares: everything but the marks where it is to be cut. */
function cachedPart({ system, tools, messages }: MessagesRequestBody): string {
  return JSON.stringify({ system, tools, messages }, (key, value: unknown) =>
    key === 'cache_control' ? undefined : value,
  );
}

/** Lives through a conversation, and returns it as a history. */
async function live(session: ClaudeSession, more: Partial<Turn>, messages: number): Promise<ConversationMessage[]> {
  const history: ConversationMessage[] = [];
  for (let position = 0; position < messages; position += 2) {
    const { message } = turnOf([`question ${position}`]);
    const turn: Turn = { ...turnOf(['x'], more), history: [...history], message };
    const finish: TurnFinish = await finishOf(session, turn, history.length);
    history.push(message, { role: 'assistant', content: finish.content });
  }
  return history;
}

for (const model of ['claude-haiku-4-5', 'claude-sonnet-5-5']) {
  test(`a replayed history of 40 messages has the prefix of the process that lived through it (${model})`, async () => {
    const more = { model, system: ['a system text'], tools: [weather] };
    bench.api.respond(({ index }) => ({
      kind: 'message',
      content: [
        { type: 'thinking', thinking: `thought ${index}`, signature: `signature ${index}` },
        { type: 'text', text: `answer ${index}` },
      ],
    }));
    const options = { ...WITHOUT_API_KEY, workingDirectory: bench.directory };
    const lived = bench.session(options);
    const history = await live(lived, more, 40);
    const next: Turn = { ...turnOf(['and now?'], more), history };
    await run(lived, next, 40);
    const expected = cachedPart(bench.api.last.body);
    const replaying = bench.session(options);
    const asked = bench.api.requests.length;
    for (const round of ['first', 'second']) {
      await run(replaying, next);
      assert.equal(cachedPart(bench.api.last.body), expected, `${round} replay`);
      // A conversation of another kind in between leaves nothing.
      await run(replaying, { ...turnOf(['something else'], more), tools: [] });
    }
    assert.equal(bench.api.requests.length, asked + 4);
    // One that is held in part goes on in the same way.
    await run(lived, { ...next, history: history.slice(0, 20) }, 20);
    const branched = cachedPart(bench.api.last.body);
    await run(replaying, { ...next, history: history.slice(0, 20) });
    assert.equal(cachedPart(bench.api.last.body), branched);
  });
}

test('calls and results in a replayed history stay in their order', async () => {
  bench.api.respond(text('sunny'));
  const session = bench.session(WITHOUT_API_KEY);
  const call = { type: 'tool_use' as const, id: 'toolu_1', name: weather.name, input: { city: 'Rome' } };
  await run(session, {
    ...turnOf(['x'], { tools: [weather], model: 'claude-sonnet-5-5' }),
    history: [
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'sunny' }] },
    ],
    message: { role: 'user', content: [{ type: 'text', text: 'sure?' }] },
  });
  const said = bench.api.last.body.messages.filter(({ role }) => (role as string) !== 'system');
  assert.deepEqual(
    said.map(({ role, content }) => [role, (content as { type: string }[])[0]?.type]),
    [
      ['user', 'text'],
      ['assistant', 'tool_use'],
      ['user', 'tool_result'],
      ['assistant', 'text'],
      ['user', 'text'],
    ],
  );
  assert.ok(JSON.stringify(said[1]).includes(WEATHER_NAME));
  assert.ok(!bench.api.last.raw.includes('Invalid URL'));
});
