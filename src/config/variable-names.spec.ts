// Guarantee: a variable that was meant as a setting but is not read as one is named, with what was meant; its value is not
// shown, and variables of others are left alone.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { ClaudeSettings, sectionOf } from './settings.ts';
import { loadConfiguration, SettingsError } from './load-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'variables-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

function outcomeOf(environment: Record<string, string>): { warnings: string; problems: string } {
  try {
    return { warnings: loadConfiguration({ environment, directory }).warnings.join('\n'), problems: '' };
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return { warnings: '', problems: error.problems.join('\n') };
  }
}

const NEAR: [given: string, meant: string][] = [
  ['CLAUDE_CODE_SERVER__HOST', 'CLAUDE_CODE__SERVER__HOST'],
  ['CLAUDE_CODE_SERVER_HOST', 'CLAUDE_CODE__SERVER__HOST'],
  ['claude_code_server_port', 'CLAUDE_CODE__SERVER__PORT'],
  ['CLAUDECODE__SERVER__PORT', 'CLAUDE_CODE__SERVER__PORT'],
  ['CLAUDE_CODE.SERVER.PORT', 'CLAUDE_CODE__SERVER__PORT'],
  ['claude-code.server.port', 'CLAUDE_CODE__SERVER__PORT'],
  ['CLAUDE_CODE_PROCESS_POOL_MIN_IDLE', 'CLAUDE_CODE__PROCESS_POOL__MIN_IDLE'],
  ['CLAUDE_CODE_CONFIG_FILE', 'CLAUDE_CODE__CONFIG_FILE'],
  ['CLAUDE_CODE_SEVER__HOSTS', 'CLAUDE_CODE__SERVER__HOST'],
  ['CLAUDE_CODE_API__SERVER__HOST', 'CLAUDE_CODE__SERVER__HOST'],
  ['CLAUDE__AUTH__KEYS', 'CLAUDE_CODE__AUTH__KEYS'],
  ['CCAPI__AUTH__KEYS_FILE', 'CLAUDE_CODE__AUTH__KEYS_FILE'],
];
for (const [given, meant] of NEAR) {
  test(`${given} is told to be ${meant}`, () => {
    const { warnings } = outcomeOf({ [given]: 'SECRET' });
    assert.equal(warnings, `${given} is no setting and has no effect; did you mean ${meant}?`);
    // It may be why something else is wrong.
    const { problems } = outcomeOf({ [given]: 'SECRET', CLAUDE_CODE__SERVER__HOST: '0.0.0.0' });
    assert.ok(problems.includes(`did you mean ${meant}?`) && !problems.includes('SECRET'));
  });
}

test('a name of which nothing can be guessed is told all the same, without control characters', () => {
  const { warnings } = outcomeOf({ 'CLAUDE_CODE_WHAT\u001B__EVER': '1' });
  assert.equal(warnings, 'CLAUDE_CODE_WHAT?__EVER is no setting and has no effect');
});

test('variables of the CLI, of orchestrators and of other programs are left alone', () => {
  const { warnings } = outcomeOf({
    CLAUDE_CODE_USE_BEDROCK: '1',
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1',
    CLAUDE_CODE_API_SERVICE_HOST: '10.0.0.1',
    CLAUDE_CODE_API_PORT_8080_TCP_ADDR: '10.0.0.1',
    CLAUDE_CONFIG_DIR: '/x',
    SERVER__HOST: 'x',
    npm_config_cache: 'x',
    DATABASE__AUTH__KEYS: 'x',
  });
  assert.equal(warnings, '');
});

const WRONG: [given: string, meant: string][] = [
  ['CLAUDE_CODE__SERVER_HOST', 'CLAUDE_CODE__SERVER__HOST'],
  ['CLAUDE_CODE__SERVER.HOST', 'CLAUDE_CODE__SERVER__HOST'],
  ['CLAUDE_CODE__CONFIG__FILE', 'CLAUDE_CODE__CONFIG_FILE'],
];
for (const [given, meant] of WRONG) {
  test(`${given} stops the start and is told to be ${meant}`, () => {
    const { problems } = outcomeOf({ [given]: 'SECRET' });
    assert.ok(problems.includes(given) && problems.includes(`did you mean ${meant}?`), problems);
    assert.ok(!problems.includes('SECRET'));
  });
}

test('case does not matter, but two spellings with two values do', () => {
  writeFileSync(join(directory, 'other.toml'), '[claude]\ntimeout_seconds = 7\n');
  const { settings, files } = loadConfiguration({ environment: { claude_code__config_file: 'other.toml' }, directory });
  assert.equal(sectionOf(settings, ClaudeSettings).timeoutSeconds, 7);
  assert.equal(files.at(-1), join(directory, 'other.toml'));
  const same = { CLAUDE_CODE__SERVER__PORT: '1', claude_code__server__port: '1' };
  assert.equal(outcomeOf(same).problems, '');
  const twice = /CLAUDE_CODE__SERVER__PORT, claude_code__server__port: .*two spellings/;
  assert.match(outcomeOf({ ...same, claude_code__server__port: '2' }).problems, twice);
  const files2 = { CLAUDE_CODE__CONFIG_FILE: 'other.toml', claude_code__config_file: 'another.toml' };
  assert.match(outcomeOf(files2).problems, /two spellings/);
});

test('the defaults of another directory are not read, but told of; its local.toml is read and named', () => {
  mkdirSync(join(directory, 'config'));
  writeFileSync(join(directory, 'config/default.toml'), '[claude]\ntimeout_seconds = 1\nnonsense = 1\n');
  writeFileSync(join(directory, 'config/local.toml'), '[claude]\nmax_retries = 3\n');
  const { settings, files, warnings } = loadConfiguration({ environment: {}, directory });
  const claude = sectionOf(settings, ClaudeSettings);
  assert.deepEqual([claude.timeoutSeconds, claude.maxRetries], [300, 3]);
  const packaged = new URL('../../../config/default.toml', import.meta.url).pathname;
  assert.deepEqual(files, [packaged, join(directory, 'config/local.toml')]);
  assert.match(warnings.join(), /config\/default\.toml is not read/);
  rmSync(join(directory, 'config'), { recursive: true });
});
