// Guarantee: the tools of the CLI itself and of configured MCP servers work by themselves within what the operator allows,
// and the client sees one answer whose usage is that of all requests it took.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { isRunning } from '../support/processes.ts';
import { text, type RecordedRequest, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'own-tools-'));
  mkdirSync(join(directory, 'allowed'));
  writeFileSync(join(directory, 'allowed', 'note.txt'), 'the allowed words');
  writeFileSync(join(directory, 'secret.txt'), 'the planted secret');
  mkdirSync(join(directory, 'outside'));
  writeFileSync(join(directory, 'outside', 'secret.txt'), 'the planted secret');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const KEY = 'key-of-alice';
/** Where permissions are skipped there must be keys. */
const skipping = {
  FILE_ACCESS__SKIP_PERMISSIONS: 'true',
  AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256: createHash('sha256').update(KEY).digest('hex'), agent: true }]),
};

/** Calls one tool, then answers with a text. */
function callThenAnswer(name: string, input: unknown): (request: RecordedRequest) => ScriptedReply {
  return ({ body }) => {
    const last = body.messages.at(-1)?.content;
    const hasResult = Array.isArray(last) && last.some(({ type }) => type === 'tool_result');
    return hasResult
      ? text('all done')
      : {
          kind: 'message',
          content: [
            { type: 'text', text: 'Let me see. ' },
            { type: 'tool_use', name, input },
          ],
        };
  };
}

/** What the model was given as the result of its call. */
function resultSeen(gateway: Gateway): string {
  return JSON.stringify(gateway.api.last.body.messages.at(-1)?.content);
}

async function answerOf(gateway: Gateway): Promise<ChatCompletion> {
  const response = await gateway.post(ask('go'), { headers: { authorization: `Bearer ${KEY}` } });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as ChatCompletion;
}

test('a configured MCP server is used by the CLI itself, whole and streamed, and ends with the service', async () => {
  const server = {
    command: process.execPath,
    args: [fileURLToPath(new URL('../../../test/fixtures/mcp-server.mjs', import.meta.url))],
  };
  const gateway = await Gateway.start({
    settings: {
      MCP__ENABLED: 'true',
      MCP__CONFIG_JSON: JSON.stringify({ mcpServers: { parrot: server } }),
      MCP__STRICT: 'true',
    },
  });
  gateway.api.respond(callThenAnswer('mcp__parrot__repeat', { words: 'pieces of eight' }));
  const answer = await answerOf(gateway);
  assert.ok(gateway.api.requests[0]?.body.tools?.some(({ name }) => name === 'mcp__parrot__repeat'));
  assert.match(resultSeen(gateway), /parrot: pieces of eight/);
  assert.equal(answer.choices[0]?.finish_reason, 'stop');
  assert.match(answer.choices[0]?.message.content ?? '', /all done$/);
  assert.equal(answer.choices[0]?.message.tool_calls, undefined);
  assert.equal(answer.usage?.total_tokens, 2 * 26);
  const raw = await (await gateway.post(ask('go', { stream: true }))).text();
  assert.ok(raw.includes('all done') && raw.includes('"finish_reason":"stop"') && !raw.includes('tool_calls'));
  const servers = gateway.cliPids;
  await gateway.stop();
  await waitFor('every process to be gone', () => !servers.some(isRunning));
});

test('a built-in tool reads in the additional directories and nowhere else', async () => {
  const gateway = await Gateway.start({
    settings: { CLAUDE__TOOLS: '["Read"]', FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([join(directory, 'allowed')]) },
  });
  gateway.api.respond(callThenAnswer('Read', { file_path: join(directory, 'allowed', 'note.txt') }));
  await answerOf(gateway);
  assert.match(resultSeen(gateway), /the allowed words/);
  gateway.api.respond(callThenAnswer('Read', { file_path: join(directory, 'secret.txt') }));
  const answer = await answerOf(gateway);
  assert.match(answer.choices[0]?.message.content ?? '', /all done$/);
  assert.match(resultSeen(gateway), /not allowed/);
  assert.ok(gateway.api.requests.every(({ raw }) => !raw.includes('the planted secret')));
  await gateway.stop();
});

for (const isGranted of [false, true]) {
  test(`a built-in tool writes in the additional directories only, and only where permissions are skipped: ${isGranted}`, async () => {
    const file = join(directory, 'allowed', `written-${isGranted}.txt`);
    const outside = join(directory, `written-outside-${isGranted}.txt`);
    const gateway = await Gateway.start({
      settings: {
        CLAUDE__TOOLS: '["Write"]',
        FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([join(directory, 'allowed')]),
        ...(isGranted && skipping),
      },
    });
    for (const path of [file, outside]) {
      gateway.api.respond(callThenAnswer('Write', { file_path: path, content: 'words' }));
      await answerOf(gateway);
    }
    assert.equal(existsSync(file), isGranted);
    if (isGranted) assert.equal(readFileSync(file, 'utf8'), 'words');
    assert.equal(existsSync(outside), false);
    await gateway.stop();
  });
}

test('what one conversation did with tools of the CLI is not there for the next', async () => {
  const gateway = await Gateway.start({
    settings: { CLAUDE__TOOLS: '["Write","Read"]', ...skipping },
  });
  gateway.api.respond(callThenAnswer('Write', { file_path: 'left.txt', content: 'left by the first' }));
  await answerOf(gateway);
  gateway.api.respond(callThenAnswer('Read', { file_path: 'left.txt' }));
  await answerOf(gateway);
  assert.ok(!resultSeen(gateway).includes('left by the first'));
  await gateway.stop();
});

test('links that lead out of the additional directories lead nowhere, by whatever tool', async () => {
  const allowed = join(directory, 'with-links');
  mkdirSync(allowed);
  symlinkSync(join(directory, 'secret.txt'), join(allowed, 'link.txt'));
  symlinkSync(join(directory, 'outside'), join(allowed, 'linked'));
  const gateway = await Gateway.start({
    settings: {
      CLAUDE__TOOLS: '["Read","Grep","Glob"]',
      FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([allowed]),
    },
  });
  const content = { output_mode: 'content', pattern: 'planted' };
  const calls: [name: string, input: object][] = [
    ['Read', { file_path: join(allowed, 'link.txt') }],
    ['Read', { file_path: join(allowed, 'linked', 'secret.txt') }],
    ['Read', { file_path: join(allowed, '..', 'secret.txt') }],
    ['Read', { file_path: '/proc/self/environ' }],
    ['Read', { file_path: `/proc/${gateway.pid}/environ` }],
    ['Grep', { ...content, path: allowed }],
    ['Grep', { ...content, path: join(allowed, 'linked') }],
    ['Grep', { ...content, path: join(allowed, 'link.txt') }],
    ['Grep', { ...content, path: directory }],
    ['Grep', { ...content, path: allowed, glob: '../**' }],
    ['Grep', { ...content, path: allowed, glob: '--follow' }],
    ['Grep', { output_mode: 'content', pattern: `-f${join(directory, 'secret.txt')}`, path: allowed }],
    ['Glob', { pattern: 'linked/*', path: allowed }],
    ['Glob', { pattern: '**/secret.txt', path: allowed }],
    ['Glob', { pattern: '../*', path: allowed }],
    ['Glob', { pattern: join(directory, '*') }],
  ];
  for (const [name, input] of calls) {
    gateway.api.respond(callThenAnswer(name, input));
    await answerOf(gateway);
    const seen = resultSeen(gateway);
    assert.match(
      seen,
      /not allowed|No files found|No matches found|does not read|confines the file tools/,
      `${name} ${JSON.stringify(input)} ${seen}`,
    );
  }
  assert.ok(gateway.api.requests.every(({ raw }) => !raw.includes('the planted secret')));
  await gateway.stop();
});

test('what the service keeps is not read, though additional_dirs have it and a link leads there', async () => {
  // Characters that mean something in the rules of the CLI.
  const home = join(directory, 'service [1] (a*b)!');
  const data = join(home, 'data');
  mkdirSync(data, { recursive: true });
  symlinkSync(home, join(directory, 'service-link'));
  writeFileSync(join(data, 'note.txt'), 'the allowed words');
  writeFileSync(join(data, 'spending.json'), '{"day":"2026-01-01","dollars":{"the planted secret":1}}');
  const gateway = await Gateway.start({
    settings: {
      STORAGE__PATH: data,
      CLAUDE__TOOLS: '["Read","Grep","Glob"]',
      FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([join(directory, 'service-link')]),
    },
  });
  assert.match(gateway.output, /additional_dirs: [^"]*service-link holds storage\.path/);
  for (const below of [join(directory, 'service-link', 'data'), data]) {
    for (const [name, input] of [
      ['Read', { file_path: join(below, 'spending.json') }],
      ['Grep', { pattern: 'planted', output_mode: 'content', path: below }],
      ['Grep', { pattern: 'planted', output_mode: 'content', path: join(below, 'spending.json') }],
      ['Glob', { pattern: '**/*.json', path: below }],
    ] as [string, object][]) {
      gateway.api.respond(callThenAnswer(name, input));
      await answerOf(gateway);
      const seen = resultSeen(gateway);
      assert.ok(seen.includes('tool_result') && !seen.includes('the planted secret'), seen);
    }
  }
  // It is there, and so is what is not the service's own.
  gateway.api.respond(callThenAnswer('Read', { file_path: join(directory, 'service-link', 'data', 'note.txt') }));
  await answerOf(gateway);
  assert.match(resultSeen(gateway), /the allowed words/);
  await gateway.stop();
});

for (const tools of ['["Bash"]', '["Read","Bash"]', '["Monitor"]', '["Agent"]']) {
  test(`${tools} alone does not start, and says why`, async () => {
    const gateway = await Gateway.start({ isReadyAwaited: false, settings: { CLAUDE__TOOLS: tools } });
    assert.equal(await gateway.exited(), 78);
    assert.match(gateway.output, /claude\.tools: \w+ is not confined.*API key/);
    await gateway.stop();
  });
}

test('Bash starts where permissions are skipped for people with keys, which is warned about, and only those get at it', async () => {
  const refused = await Gateway.start({
    isReadyAwaited: false,
    settings: { CLAUDE__TOOLS: '["Bash"]', ...skipping, AUTH__KEYS: '[]' },
  });
  assert.equal(await refused.exited(), 78);
  assert.match(refused.output, /file_access\.skip_permissions: needs keys/);
  await refused.stop();

  const keys = JSON.parse(skipping.AUTH__KEYS) as object[];
  const bob = { name: 'bob', sha256: createHash('sha256').update('key-of-bob').digest('hex') };
  const gateway = await Gateway.start({
    settings: { CLAUDE__TOOLS: '["Bash"]', ...skipping, AUTH__KEYS: JSON.stringify([...keys, bob]) },
  });
  assert.match(gateway.output, /"level":40[^\n]*file_access\.skip_permissions: /);
  gateway.api.respond(callThenAnswer('Bash', { command: 'echo $((40 + 2))' }));
  const response = await gateway.post(ask('go'), { headers: { authorization: 'Bearer key-of-bob' } });
  assert.equal(response.status, 403);
  assert.match(await response.text(), /agent_not_allowed/);
  assert.equal(gateway.api.requests.length, 0);
  await answerOf(gateway);
  assert.match(resultSeen(gateway), /42/);
  await gateway.stop();
});
