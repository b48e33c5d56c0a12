import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { KeysSource, LoadedKeys } from './load-keys.ts';

export type LoadReply = { readonly loaded: LoadedKeys } | { readonly problem: string };

/** Several times the need of the largest file. */
const MAX_HEAP_MEGABYTES = 1024;

/** `loadKeys` on a worker thread. Rejects with an Error that says why the keys are unusable. */
export async function loadKeysAside(source: KeysSource): Promise<LoadedKeys> {
  const worker = new Worker(new URL('./load-keys.worker.js', import.meta.url), {
    workerData: source,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
  });
  worker.unref();
  try {
    const [reply] = (await once(worker, 'message')) as [LoadReply];
    if ('problem' in reply) throw new Error(reply.problem);
    return reply.loaded;
  } finally {
    await worker.terminate();
  }
}
