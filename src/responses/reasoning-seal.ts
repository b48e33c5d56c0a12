import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import { Logger } from '../common/logging/logger.ts';
import { StorageSettings } from '../config/settings.ts';
import type { ThinkingBlock } from '../turns/thinking/without-thinking.ts';

/** Thinking, and the model that it can be given back to. */
export interface SealedThinking {
  /** In the words of the CLI. */
  readonly model: string;
  readonly block: ThinkingBlock;
}

const FILE = 'reasoning.key';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tells later forms from this one. */
const VERSION = 'v1';

/**
 * Seals thinking with its signature into a text that a client keeps and gives back. The key is the service's own, kept below
 * `storage.path`, so the text outlives a restart; it can only be opened for the tenant that it was made for.
 */
@Injectable()
export class ReasoningSeal {
  private key: Buffer | undefined;

  constructor(
    private readonly storage: StorageSettings,
    private readonly logger: Logger,
  ) {}

  seal(tenant: string, thinking: SealedThinking): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.ownKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(tenant));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(thinking), 'utf8'), cipher.final()]);
    return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /**
   * Throws a GatewayError of status 400 for a text that this service did not make for this tenant, or that was changed.
   *
   * @param param where it stands in the body
   */
  open(tenant: string, text: string, param: string): SealedThinking {
    try {
      const [version, encoded] = text.split('.');
      if (version !== VERSION || encoded === undefined) throw new Error('it has another form');
      const bytes = Buffer.from(encoded, 'base64url');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, this.ownKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(tenant));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(opened.toString('utf8')) as SealedThinking;
    } catch (error) {
      const message = `Invalid '${param}': the encrypted content was not made by this service for this API key, or was changed.`;
      throw invalidRequest(message, param, 'invalid_encrypted_content', error);
    }
  }

  private get ownKey(): Buffer {
    return (this.key ??= this.load());
  }

  /** Without a place to keep it, a key that lives as long as the service. */
  private load(): Buffer {
    const file = join(this.storage.path, FILE);
    try {
      return readOrCreate(this.storage.path, file);
    } catch (error) {
      this.logger.error({ error }, 'the key for reasoning cannot be kept: encrypted reasoning ends with this process');
      return randomBytes(KEY_BYTES);
    }
  }
}

function readOrCreate(directory: string, file: string): Buffer {
  try {
    const key = readFileSync(file);
    if (key.length !== KEY_BYTES) throw new Error(`${file} does not hold a key`);
    chmodSync(file, 0o600);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const key = randomBytes(KEY_BYTES);
  writeFileSync(file, key, { mode: 0o600, flag: 'wx' });
  return key;
}

function boundTo(tenant: string): Buffer {
  return Buffer.from(`${VERSION} ${tenant}`);
}
