import { timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '../common/logging/logger.ts';
import { toKeyPolicy, type KeyEntry, type KeyPolicy } from '../config/key-schema.ts';
import { KeysFileError, keysFilePath, readKeysFile, type StoredKey } from '../config/keys-file.ts';
import { AuthSettings, StorageSettings } from '../config/settings.ts';
import { digestOf } from './generate-key.ts';

/** How often the file is looked at. Asking works on every file system, which being told of changes does not. */
const CHECK_INTERVAL_MS = 1_000;

export interface ApiKey {
  readonly name: string;
  readonly policy: KeyPolicy;
}

interface KnownKey extends ApiKey {
  readonly digest: Buffer;
}

/**
 * The keys of the settings and of the keys file, which is read again when it has changed. A file that cannot be used
 * leaves the keys of before in force. Once there was a keys file, even one without keys, nobody gets in without a key:
 * revoking the last key does not open the service.
 */
@Injectable()
export class KeyRegistry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly file: string;
  private readonly configured: readonly KnownKey[];
  private stored: readonly KnownKey[] | undefined;
  private keys: readonly KnownKey[];
  private seen: string | undefined;
  private fileProblem: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Throws KeysFileError when the keys file is there and cannot be used. */
  constructor(
    auth: AuthSettings,
    storage: StorageSettings,
    private readonly logger: Logger,
  ) {
    this.file = keysFilePath(auth.keysFile, storage.path);
    this.configured = auth.keys.map(toKnownKey);
    this.keys = this.configured;
    this.seen = stateOf(this.file);
    this.read();
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.check(), CHECK_INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Whether requests need no key. */
  get isOpen(): boolean {
    return this.configured.length === 0 && this.stored === undefined;
  }

  /** How many keys there are. */
  get size(): number {
    return this.keys.length;
  }

  /** Why the keys file as it is now is not in force; undefined while it is. */
  get problem(): string | undefined {
    return this.fileProblem;
  }

  /** Whose a key is. Compares digests, and all of them, so that the time taken tells nothing of a key. */
  find(given: string): ApiKey | undefined {
    const digest = digestOf(given);
    let found: ApiKey | undefined;
    for (const key of this.keys) if (timingSafeEqual(key.digest, digest)) found = key;
    return found;
  }

  /** Reads the keys file if it has changed since it was looked at last. */
  check(): void {
    const state = stateOf(this.file);
    if (state === this.seen) return;
    this.seen = state;
    try {
      this.read();
      this.fileProblem = undefined;
    } catch (error) {
      if (!(error instanceof KeysFileError)) throw error;
      this.fileProblem = `${error.message}; the keys of before stay in force`;
      this.logger.error({ error }, 'the keys file cannot be used; the keys of before stay in force');
    }
  }

  private read(): void {
    const keys = readKeysFile(this.file);
    if (keys) this.take(keys);
    else if (this.stored) throw new KeysFileError(this.file, 'is gone');
  }

  private take(keys: readonly StoredKey[]): void {
    const taken = keys.find(({ name }) => this.configured.some((key) => key.name === name));
    if (taken) throw new KeysFileError(this.file, `has the name ${taken.name}, which is in the settings too`);
    const before = this.stored;
    this.stored = keys.map(toKnownKey);
    this.keys = [...this.configured, ...this.stored];
    if (!before) return;
    this.logger.info(
      { added: namesWithout(this.stored, before), revoked: namesWithout(before, this.stored), keys: this.size },
      'keys read again',
    );
  }
}

function toKnownKey(entry: KeyEntry): KnownKey {
  const { name, sha256, ...policy } = entry;
  return { name, digest: Buffer.from(sha256, 'hex'), policy: toKeyPolicy(policy) };
}

function namesWithout(keys: readonly KnownKey[], others: readonly KnownKey[]): string[] {
  const isThere = (key: KnownKey): boolean => others.some(({ digest }) => digest.equals(key.digest));
  return keys.filter((key) => !isThere(key)).map(({ name }) => name);
}

/** Changes whenever the file does. */
function stateOf(file: string): string {
  try {
    const { ino, mtimeNs, ctimeNs, size } = statSync(file, { bigint: true });
    return [ino, mtimeNs, ctimeNs, size].join(':');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
