// Guarantee: an orchestrator sees when the service can serve, and an operator reads in the same answer what it lacks.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { TestApplication } from '../support/test-application.ts';
import type { PoolStatus } from '../../src/process-pool/pool-status.ts';

let service: TestApplication;
let status: PoolStatus;
beforeAll(async () => {
  service = await TestApplication.start();
  service.pool.status = () => status;
});
afterAll(() => service.stop());
beforeEach(() => {
  status = {
    state: 'ready',
    cliVersion: '2.1.0',
    credentials: 'api-key',
    processes: { starting: 0, empty: 1, live: 2, busy: 3, settling: 0 },
    queued: 4,
  };
});

const read = async (path: string): Promise<{ code: number; text: string }> => {
  const response = await service.get(path);
  return { code: response.status, text: await response.text() };
};

test('a service that can serve says with what', async () => {
  for (const path of ['/health', '/health/ready']) {
    const { code, text } = await read(path);
    assert.equal(code, 200);
    const body = JSON.parse(text) as { status: string; details: { cli: object } };
    assert.equal(body.status, 'ok');
    assert.deepEqual(body.details.cli, {
      status: 'up',
      state: 'ready',
      version: '2.1.0',
      credentials: 'api-key',
      processes: { starting: 0, empty: 1, live: 2, busy: 3, settling: 0 },
      queued: 4,
    });
  }
});

for (const state of ['starting', 'unavailable', 'draining'] as const) {
  test(`a service that is ${state} is alive, but not ready`, async () => {
    status = { ...status, state };
    for (const path of ['/health', '/health/ready']) {
      const { code, text } = await read(path);
      assert.equal(code, 503);
      assert.equal((JSON.parse(text) as { error: { cli: { state: string } } }).error.cli.state, state);
    }
    assert.deepEqual(await read('/health/live'), { code: 200, text: '{"status":"ok"}' });
  });
}

test('what stands in the way is in the answer, with how to mend it', async () => {
  const problem = { code: 'credentials_missing', message: 'Set ANTHROPIC_API_KEY.' };
  status = { ...status, state: 'unavailable', problem, credentials: 'none' };
  const { text } = await read('/health/ready');
  const { cli } = (JSON.parse(text) as { error: { cli: { problem: object; credentials: string } } }).error;
  assert.deepEqual(cli.problem, problem);
  assert.equal(cli.credentials, 'none');
});

test('a check that fails on its own account is an error like any other', async () => {
  service.pool.status = () => {
    throw new Error('INSIDE');
  };
  const { code, text } = await read('/health/ready');
  assert.equal(code, 500);
  assert.ok(!text.includes('INSIDE') && text.includes('internal_error'));
  service.pool.status = () => status;
});

test('no answer of a check is kept by anyone in between', async () => {
  assert.match((await service.get('/health/ready')).headers.get('cache-control') ?? '', /no-store/);
});
