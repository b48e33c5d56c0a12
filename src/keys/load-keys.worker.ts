// Loads the keys once, on a worker thread: many keys would delay every request on the main thread.
import { parentPort, workerData } from 'node:worker_threads';
import { KeysFileError } from '../config/keys-file.ts';
import type { LoadReply } from './load-keys-aside.ts';
import { loadKeys, type KeysSource } from './load-keys.ts';

function load(source: KeysSource): LoadReply {
  try {
    return { loaded: loadKeys(source) };
  } catch (error) {
    if (!(error instanceof KeysFileError)) throw error;
    return { problem: error.message };
  }
}

parentPort?.postMessage(load(workerData as KeysSource));
