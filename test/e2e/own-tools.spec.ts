// Guarantee: the tools of the CLI itself and of configured MCP servers work by themselves within what the operator allows,
// and the client sees one answer whose usage is that of all requests it took.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { ask, Gateway } from '../support/gateway.ts';
import { isRunning } from '../support/processes.ts';
import { text, type RecordedRequest, type ScriptedReply } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'own-tools-'));
  mkdirSync(join(directory, 'allowed'));
  writeFileSync(join(directory, 'allowed', 'note.txt'), 'the allowed words');
  writeFileSync(join(directory, 'secret.txt'), 'the planted secret');
});
after(() => rmSync(directory, { recursive: true, force: true }));

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
  const response = await gateway.post(ask('go'));
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
  test(`a built-in tool writes only where permissions are skipped: ${isGranted}`, async () => {
    const file = join(directory, `written-${isGranted}.txt`);
    const gateway = await Gateway.start({
      settings: { CLAUDE__TOOLS: '["Write"]', FILE_ACCESS__SKIP_PERMISSIONS: String(isGranted) },
    });
    gateway.api.respond(callThenAnswer('Write', { file_path: file, content: 'words' }));
    await answerOf(gateway);
    assert.equal(existsSync(file), isGranted);
    if (isGranted) assert.equal(readFileSync(file, 'utf8'), 'words');
    await gateway.stop();
  });
}

test('what one conversation did with tools of the CLI is not there for the next', async () => {
  const gateway = await Gateway.start({
    settings: { CLAUDE__TOOLS: '["Write","Read"]', FILE_ACCESS__SKIP_PERMISSIONS: 'true' },
  });
  gateway.api.respond(callThenAnswer('Write', { file_path: 'left.txt', content: 'left by the first' }));
  await answerOf(gateway);
  gateway.api.respond(callThenAnswer('Read', { file_path: 'left.txt' }));
  await answerOf(gateway);
  assert.ok(!resultSeen(gateway).includes('left by the first'));
  await gateway.stop();
});
