import { randomBytes } from 'node:crypto';
import { statSync, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '../common/logging/logger.ts';
import { keysFilePath } from '../config/keys-file.ts';
import { AuthSettings, StorageSettings } from '../config/settings.ts';
import { digestOf } from './generate-key.ts';
import { findKey, type ApiKey } from './key-table.ts';
import { loadKeysAside } from './load-keys-aside.ts';
import { loadKeys, type KeysSource, type LoadedKeys } from './load-keys.ts';

/** The interval of checks of the file. Polling works on every file system, unlike change events. */
const CHECK_INTERVAL_MS = 1_000;
const BLIND_BYTES = 32;

/**
 * The keys of the settings and of the keys file, which is reloaded after a change. If the file is unusable, the previous
 * keys stay in force. Once a keys file has existed, even an empty one, every request needs a key: revoking the last one
 * does not open the service.
 */
@Injectable()
export class KeyRegistry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly source: Omit<KeysSource, 'before'>;
  private loaded: LoadedKeys;
  /** The state of the file at the last reload. */
  private seen: string;
  private fileProblem: string | undefined;
  private checking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Reads the keys at once. Throws KeysFileError if the keys file exists but is unusable. */
  constructor(
    auth: AuthSettings,
    storage: StorageSettings,
    private readonly logger: Logger,
  ) {
    const file = keysFilePath(auth.keysFile, storage.path);
    this.source = { file, configured: auth.keys, blind: randomBytes(BLIND_BYTES) };
    this.seen = stateAtStart(file);
    this.loaded = loadKeys(this.source);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.check(), CHECK_INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.checking;
  }

  /** Whether requests need no key. */
  get isOpen(): boolean {
    return this.source.configured.length === 0 && !this.loaded.isFileThere;
  }

  /** The number of keys. */
  get size(): number {
    return this.loaded.table.count;
  }

  /** Why the present keys file is not in force; undefined if it is. */
  get problem(): string | undefined {
    return this.fileProblem;
  }

  /** The entry of a key; undefined for an unknown key. */
  find(given: string): ApiKey | undefined {
    return findKey(this.loaded.table, digestOf(given));
  }

  /** Reloads the keys file if it has changed since the last check. Never rejects. */
  check(): Promise<void> {
    this.checking ??= this.checkOnce().finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async checkOnce(): Promise<void> {
    const state = await stateOf(this.source.file);
    if (state === this.seen) return;
    this.seen = state;
    try {
      const loaded = await loadKeysAside({ ...this.source, before: this.loaded.table });
      if (this.loaded.isFileThere && !loaded.isFileThere) throw new Error(`${this.source.file} is gone`);
      this.fileProblem = undefined;
      this.take(loaded);
    } catch (error) {
      this.fileProblem = `${(error as Error).message}; the keys of before stay in force`;
      this.logger.error({ error }, 'the keys file cannot be used; the keys of before stay in force');
    }
  }

  private take(loaded: LoadedKeys): void {
    this.loaded = loaded;
    this.logger.info({ added: loaded.added, revoked: loaded.revoked, keys: this.size }, 'keys read again');
  }
}

/** Changes with the file. */
function stateOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(toState, toFailure);
}

function stateAtStart(file: string): string {
  try {
    return toState(statSync(file, { bigint: true }));
  } catch (error) {
    return toFailure(error);
  }
}

function toState({ ino, mtimeNs, ctimeNs, size }: BigIntStats): string {
  return [ino, mtimeNs, ctimeNs, size].join(':');
}

function toFailure(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
