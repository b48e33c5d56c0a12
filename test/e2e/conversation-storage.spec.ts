// Guarantee: a restart loses nothing of a conversation, storage that fails stops nothing else, and what is deleted is gone.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, test } from '@jest/globals';
import { withoutIds } from '../support/cli-session.ts';
import { say } from '../support/conversation-calls.ts';
import { filesThatHold } from '../support/files-that-hold.ts';
import { Gateway } from '../support/gateway.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';
import { weatherTool } from '../support/weather-tool.ts';

describe('over restarts and failures of the storage', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'conversations-test-'));
  });
  const cleanUp = (): void => rmSync(directory, { recursive: true, force: true });

  test('after a restart the same bytes are replayed', async () => {
    const first = await Gateway.start({ directory });
    const { api } = first;
    const script = ({ body, index }: { body: { tools?: { name: string }[] }; index: number }) =>
      index % 2 === 1
        ? text(`plain answer "ü" ${index}`)
        : ({
            kind: 'message',
            content: [
              { type: 'thinking', thinking: `thought ${index}`, signature: `signature-${index}` },
              { type: 'text', text: `step ${index}` },
              { type: 'tool_use', id: `toolu_${index}`, name: body.tools?.[0]?.name ?? '', input: { z: 1, a: [index, null], city: 'Å' } },
            ],
          } as const); // prettier-ignore
    api.respond(script as never);
    const options = {
      tools: [weatherTool],
      reasoning_effort: 'medium',
      conversation_id: undefined as string | undefined,
    };
    const begun = await say(first, [{ role: 'system', content: 'Be\u2028brief.' }, { role: 'user', content: 'go' }], options); // prettier-ignore
    options.conversation_id = begun.conversationId;
    await say(first, [{ role: 'tool', tool_call_id: 'toolu_0', content: 'result "0"\n' }], options);
    await say(first, 'more', options);
    await say(first, [{ role: 'tool', tool_call_id: 'toolu_2', content: 'x'.repeat(5_000) }], options);
    await say(first, 'last', { ...options, store: false });
    const live = withoutIds(api.last.raw);
    first.signal('SIGKILL');
    await first.exited();

    const second = await Gateway.start({ directory });
    second.api.respond(text('done'));
    await say(second, 'last', options);
    assert.equal(withoutIds(second.api.last.raw), live);
    await second.stop();
    await api.close();
    cleanUp();
  });

  test('a damaged file stops nothing but what needs it', async () => {
    const first = await Gateway.start({ directory });
    const { conversationId } = await say(first, 'one');
    await first.stop({ keepsDirectory: true });
    const file = join(directory, 'data', 'conversations.db');
    for (const name of readdirSync(join(directory, 'data'))) if (/-(wal|shm)$/.test(name)) rmSync(join(directory, 'data', name)); // prettier-ignore
    writeFileSync(file, 'damaged'.repeat(2_000));

    const second = await Gateway.start({ directory });
    const health = await fetch(`${second.url}/health/ready`);
    assert.equal(health.status, 200);
    const { details } = (await health.json()) as { details: { storage: object } };
    assert.deepEqual(details.storage, { status: 'up', state: 'degraded', problem: 'damaged' });
    const given = await say(second, 'two', { conversation_id: conversationId });
    assert.deepEqual([given.status, given.code], [503, 'storage_unavailable']);
    const list = await fetch(`${second.url}/v1/conversations`);
    assert.equal(list.status, 503);
    const fresh = await say(second, 'hello');
    assert.deepEqual([fresh.status, fresh.headers.get('x-claude-code-conversation-storage')], [200, 'memory']);
    const next = await say(second, 'again', { conversation_id: fresh.conversationId });
    assert.equal(next.status, 200);
    assert.equal(second.api.last.body.messages.length, 3);
    assert.ok(readFileSync(file, 'utf8').startsWith('damaged'));
    await second.stop();
    cleanUp();
  });

  test('what nobody continues is deleted from the disk', async () => {
    const gateway = await Gateway.start({
      directory,
      settings: {
        CONVERSATION__SESSION_TIMEOUT_MINUTES: '0.05',
        CONVERSATION__QUEUE_TIMEOUT_SECONDS: '0.1',
        CLAUDE__TIMEOUT_SECONDS: '5',
      },
    });
    const { conversationId } = await say(gateway, 'words-that-expire');
    const files = join(directory, 'data');
    const onDisk = (): boolean => filesThatHold(files, 'words-that-expire').length > 0;
    assert.ok(onDisk());
    await waitFor('the words to be gone', () => !onDisk(), 60_000);
    assert.equal((await say(gateway, 'again', { conversation_id: conversationId })).status, 404);
    await gateway.stop();
    cleanUp();
  });
});
