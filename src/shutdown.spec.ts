// Guarantee: whatever asks the service to end lets running answers end first, once; the exit code tells whether it was asked.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Shutdown } from './shutdown.ts';

class Scene {
  clock = 5000;
  drains = 0;
  readonly exits: number[] = [];
  readonly lines: string[] = [];
  private readonly drained = Promise.withResolvers<void>();
  readonly shutdown = new Shutdown({
    drain: () => ((this.drains += 1), this.drained.promise),
    exit: (code) => this.exits.push(code),
    logger: {
      info: (fields, message) => this.lines.push(`${message} ${JSON.stringify(fields)}`),
      error: ({ error }, message) => this.lines.push(`${message}: ${String(error)}`),
    },
    now: () => this.clock,
  });

  async end(failure?: Error): Promise<void> {
    if (failure) this.drained.reject(failure);
    else this.drained.resolve();
    await Promise.allSettled([this.drained.promise]);
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} drains, and the service ends with 0`, async () => {
    const scene = new Scene();
    scene.shutdown.onSignal(signal);
    assert.deepEqual([scene.drains, scene.exits], [1, []]);
    await scene.end();
    assert.deepEqual(scene.exits, [0]);
    assert.deepEqual(scene.lines, [`stopping {"signal":"${signal}"}`]);
  });
}

test('a second signal within a second is the same one, a later one ends the service at once', () => {
  const scene = new Scene();
  scene.shutdown.onSignal('SIGINT');
  for (const [after, signal] of [
    [0, 'SIGINT'],
    [999, 'SIGTERM'],
  ] as const) {
    scene.clock = 5000 + after;
    scene.shutdown.onSignal(signal);
  }
  assert.deepEqual([scene.drains, scene.exits], [1, []]);
  scene.clock = 6000;
  scene.shutdown.onSignal('SIGHUP');
  assert.deepEqual([scene.drains, scene.exits], [1, [1]]);
});

test('an error that nothing has caught drains, and the service ends with 1', async () => {
  const scene = new Scene();
  scene.shutdown.onFault(new Error('broken'), 'uncaughtException');
  scene.shutdown.onFault(new Error('broken again'), 'unhandledRejection');
  assert.equal(scene.drains, 1);
  await scene.end();
  assert.deepEqual(scene.exits, [1]);
  assert.deepEqual(scene.lines, [
    'unexpected error: Error: broken',
    'stopping {"origin":"uncaughtException"}',
    'unexpected error: Error: broken again',
  ]);
});

test('a signal while it drains for an error is the first one, and lets the drain go on', async () => {
  const scene = new Scene();
  scene.shutdown.onFault(new Error('broken'), 'uncaughtException');
  scene.clock += 3000;
  scene.shutdown.onSignal('SIGTERM');
  assert.deepEqual([scene.drains, scene.exits], [1, []]);
  scene.clock += 3000;
  scene.shutdown.onSignal('SIGTERM');
  assert.deepEqual(scene.exits, [1]);
});

test('an error while it drains for a signal is logged, and the service ends with 1', async () => {
  const scene = new Scene();
  scene.shutdown.onSignal('SIGTERM');
  scene.shutdown.onFault('no error at all', 'unhandledRejection');
  await scene.end();
  assert.deepEqual([scene.drains, scene.exits], [1, [1]]);
});

test('an error without end does not fill the log', () => {
  const scene = new Scene();
  for (let fault = 0; fault < 1000; fault += 1) scene.shutdown.onFault(new Error('again'), 'uncaughtException');
  assert.equal(scene.lines.length, 101);
});

test('a drain that fails ends the service with 1', async () => {
  const scene = new Scene();
  scene.shutdown.onSignal('SIGTERM');
  await scene.end(new Error('no drain'));
  assert.deepEqual(scene.exits, [1]);
  assert.equal(scene.lines.at(-1), 'the shutdown failed: Error: no drain');
});
