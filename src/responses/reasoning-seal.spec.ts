// Guarantee: sealed thinking is opened by this service for the same tenant only, as it was, also after a restart.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import type { Logger } from '../common/logging/logger.ts';
import { ReasoningSeal, type SealedThinking } from './reasoning-seal.ts';

const directory = mkdtempSync(join(tmpdir(), 'seal-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const THINKING: SealedThinking = {
  model: 'm',
  block: { type: 'thinking', thinking: 'Hm. \u{1f98a}', signature: 'sig' },
};
const errors: object[] = [];
const logger = { error: (fields: object) => errors.push(fields) } as unknown as Logger;
const sealIn = (path: string): ReasoningSeal => new ReasoningSeal({ path }, logger);

test('it is opened as it was, after a restart too, and the key is for its owner alone', () => {
  const path = join(directory, 'not', 'there');
  const sealed = sealIn(path).seal('a', THINKING);
  assert.ok(!sealed.includes('Hm') && !Buffer.from(sealed, 'base64url').includes('sig'));
  assert.deepEqual(sealIn(path).open('a', sealed, 'p'), THINKING);
  assert.equal(statSync(join(path, 'reasoning.key')).mode & 0o777, 0o600);
});

test('equal thinking is sealed differently each time', () => {
  const seal = sealIn(directory);
  assert.notEqual(seal.seal('a', THINKING), seal.seal('a', THINKING));
});

/** What stands behind the version. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(text.indexOf('.') + 1), 'base64url');
}

test('it is refused for another tenant, by another service, and wherever it was changed', () => {
  const seal = sealIn(directory);
  const sealed = seal.seal('a', THINKING);
  const refusal = { status: 400, code: 'invalid_encrypted_content', param: 'input[0].encrypted_content' };
  const open = (text: string, tenant = 'a', by = seal): unknown => by.open(tenant, text, 'input[0].encrypted_content');
  assert.throws(() => open(sealed, 'b'), refusal);
  assert.throws(() => open(sealed, 'a', sealIn(join(directory, 'other'))), refusal);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    // The last character can hold bits that mean nothing.
    if (at > sealed.indexOf('.') && bytesOf(changed).equals(bytesOf(sealed))) continue;
    assert.throws(() => open(changed), refusal, `at ${at}`);
  }
  for (const text of ['', 'v1.', 'v1.AAAA', 'gAAAAABo', sealed.slice(0, -4), `${sealed}AAAA`]) {
    assert.throws(() => open(text), refusal, text);
  }
});

test('a key that is damaged is left alone, and what is sealed then lives as long as the service', () => {
  const path = mkdtempSync(join(directory, 'damaged-'));
  writeFileSync(join(path, 'reasoning.key'), 'short');
  const seal = sealIn(path);
  assert.deepEqual(seal.open('a', seal.seal('a', THINKING), 'p'), THINKING);
  assert.equal(statSync(join(path, 'reasoning.key')).size, 5);
  assert.equal(errors.length, 1);
});
