// Guarantee: whatever needs the CLI's models waits for them while the service starts, and says why when there are none.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { of } from 'rxjs';
import { call, errorOf } from '../support/http-call.ts';
import { TestApplication } from '../support/test-application.ts';
import { finish, MODEL } from '../support/turn-events.ts';
import type { TurnEvent } from '../../src/claude-cli/turn/turn.ts';

const chat = { body: JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hello' }] }) };

async function starting(): Promise<{ service: TestApplication; endCheck: () => void }> {
  const service = await TestApplication.start();
  service.pool.answer = of<TurnEvent[]>({ type: 'start', model: MODEL }, { type: 'text-delta', text: 'one' }, finish());
  const { promise, resolve } = Promise.withResolvers<void>();
  service.pool.checked = promise;
  return { service, endCheck: resolve };
}

for (const [what, path, options] of [
  ['the list of models', '/v1/models', {}],
  ['one model', '/v1/models/sonnet', {}],
  ['a chat completion by the name of a model', '/v1/chat/completions', chat],
  ['a conversation with a model', '/v1/conversations', { body: '{"model":"sonnet"}' }],
] as const) {
  test(`${what} waits while the service starts`, async () => {
    const { service, endCheck } = await starting();
    const models = service.pool.catalogue;
    service.pool.catalogue = [];
    let isAnswered = false;
    const answer = call(service, path, options).finally(() => (isAnswered = true));
    // An answer that waits for nothing has come by the time that others have.
    for (let others = 0; others < 3; others += 1) await call(service, '/health/live');
    assert.equal(isAnswered, false);
    service.pool.catalogue = models;
    endCheck();
    assert.equal((await answer).status, 200);
    await service.stop();
  });

  test(`${what} is refused with the reason when the service cannot start`, async () => {
    const { service, endCheck } = await starting();
    service.pool.catalogue = [];
    const answer = call(service, path, options);
    service.pool.problem = { code: 'cli-version', message: 'too old' };
    endCheck();
    assert.deepEqual([(await answer).status, errorOf(await answer).code], [503, 'cli_version']);
    await service.stop();
  });
}

test('who waits for the models when the service is told to stop is refused as draining', async () => {
  const { service, endCheck } = await starting();
  service.pool.catalogue = [];
  const answer = call(service, '/v1/models');
  await call(service, '/health/live');
  const status = service.pool.status();
  service.pool.status = () => ({ ...status, state: 'draining' });
  endCheck();
  assert.deepEqual([(await answer).status, errorOf(await answer).code], [503, 'draining']);
  await service.stop();
});

test('clients of Anthropic are given its shape, errors included', async () => {
  const service = await TestApplication.start({ MODELS__ALIASES: '{"gpt-4o":"sonnet"}' });
  const headers = { 'anthropic-version': '2023-06-01' };
  const json = async (path: string): Promise<unknown> => (await service.get(path, headers)).json();
  const model = (id: string, name: string): object => ({
    type: 'model',
    id,
    display_name: name,
    created_at: '2025-01-01T00:00:00Z',
  });
  assert.deepEqual(await json('/v1/models?limit=1000'), {
    data: [model('sonnet', 'Sonnet'), model('claude-sonnet-4-5', 'Sonnet'), model('gpt-4o', 'gpt-4o')],
    first_id: 'sonnet',
    last_id: 'gpt-4o',
    has_more: false,
  });
  assert.deepEqual(await json('/v1/models/sonnet'), model('sonnet', 'Sonnet'));
  const missing = await service.get('/v1/models/nothing', headers);
  assert.equal(missing.status, 404);
  const { type, error, request_id: id } = (await missing.json()) as { type: string; error: object; request_id: string };
  assert.deepEqual([type, Object.keys(error), id], ['error', ['type', 'message'], missing.headers.get('request-id')]);
  const openAi = (await (await service.get('/v1/models')).json()) as { object: string };
  assert.equal(openAi.object, 'list');
  await service.stop();
});
