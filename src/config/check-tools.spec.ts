// Guarantee: nobody who writes a prompt gets at files, commands or credentials of the service's user unless the operator has
// said so for people with keys.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { loadConfiguration, SettingsError } from './load-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'tools-test-'));
afterAll(() => rmSync(directory, { recursive: true }));
const home = join(directory, 'home');
for (const path of ['home/.ssh', 'home/images', 'data', 'images'])
  mkdirSync(join(directory, path), { recursive: true });

const keys = { AUTH__KEYS: JSON.stringify([{ name: 'alice', sha256: 'f'.repeat(64), agent: true }]) };
const skip = { FILE_ACCESS__SKIP_PERMISSIONS: 'true' };
const tools = (...names: string[]): Record<string, string> => ({ CLAUDE__TOOLS: JSON.stringify(names) });

function load(given: Record<string, string>): { problems: string; warnings: string } {
  const settings = Object.entries({ STORAGE__PATH: join(directory, 'data'), ...given });
  const environment = { HOME: home, ...Object.fromEntries(settings.map(([name, value]) => [`CLAUDE_CODE__${name}`, value])) }; // prettier-ignore
  try {
    return { problems: '', warnings: loadConfiguration({ environment, directory }).warnings.join('\n') };
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return { problems: error.problems.join('\n'), warnings: '' };
  }
}

const UNCONFINED = [
  'Bash', 'Monitor', 'Agent', 'Task', 'Workflow', 'Skill', 'CronCreate', 'CronDelete', 'ScheduleWakeup', 'SendMessage', 'ListAgents',
  'EnterWorktree', 'RemoteTrigger', 'SomethingNew',
]; // prettier-ignore
for (const tool of UNCONFINED) {
  test(`${tool} stops the start with the reason, with keys as well`, () => {
    for (const more of [{}, keys]) {
      const { problems } = load({ ...tools('Read', tool), ...more });
      assert.match(problems, new RegExp(`claude\\.tools: ${tool} is not confined.*file_access\\.skip_permissions`));
    }
  });
}

test('tools that the CLI confines, or asks for, do not stop it; a mistyped one does', () => {
  const confined = ['Read', 'Grep', 'Glob', 'Edit', 'Write', 'NotebookEdit', 'WebFetch', 'WebSearch'];
  assert.deepEqual(load(tools(...confined)), { problems: '', warnings: '' });
  assert.match(load(tools('Raed')).problems, /Raed.*did you mean Read\?/);
  assert.match(load(tools('bash')).problems, /claude\.tools: bash/);
});

test('skipping permissions lets them start, for people with keys only, and is warned about', () => {
  const { problems, warnings } = load({ ...tools('Bash'), ...skip, ...keys });
  assert.equal(problems, '');
  assert.match(warnings, /file_access\.skip_permissions: .*claude\.tools \(Bash\)/);
  for (const more of [{}, tools('Bash'), tools('Read'), { AUTH__ALLOW_ANONYMOUS: 'true' }])
    assert.match(load({ ...skip, ...more }).problems, /file_access\.skip_permissions: needs keys/);
});

test('a keys file closes the service too, even one without keys', () => {
  const file = join(directory, 'keys.json');
  writeFileSync(file, '{"version":1,"keys":[]}');
  assert.equal(load({ ...tools('Bash'), ...skip, AUTH__KEYS_FILE: file }).problems, '');
});

const dirs = (...paths: string[]): string => {
  const { problems, warnings } = load({ FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify(paths) });
  assert.equal(problems, '');
  return warnings;
};

test('directories that expose the system, credentials or the service’s own files are warned about', () => {
  assert.match(dirs('/'), /additional_dirs: \/ holds the whole file system; clients can send every image there/);
  assert.match(dirs('/etc'), /\/etc holds \/etc/);
  assert.match(dirs('/proc/self'), /a part of \/proc/);
  assert.match(dirs(home), /the home directory/);
  assert.match(dirs(directory), /the home directory, storage\.path/);
  assert.match(dirs(join(directory, 'data')), /storage\.path/);
  assert.match(dirs(join(home, '.ssh')), /hidden directories of the home directory/);
  symlinkSync('/etc', join(directory, 'harmless'));
  assert.match(dirs(join(directory, 'images'), join(directory, 'harmless')), /^[^\n]*harmless holds \/etc[^\n]*$/);
  const { warnings } = load({ ...tools('Read'), FILE_ACCESS__ADDITIONAL_DIRS: '["/"]' });
  assert.match(warnings, /prompts can have every file there read/);
});

test('others are not', () => {
  assert.equal(dirs(join(directory, 'images'), join(home, 'images')), '');
});
