// Guarantee: no number of the settings is accepted that would make a timer fire at once, or a size that nothing can have; the
// error names the key.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { StoredKey } from './key-entry.ts';
import { loadSettings, SettingsError } from './load-settings.ts';
import { findProblems } from './problems.ts';
import { SECTION_KEYS } from './section-keys.ts';
import { SECTIONS } from './settings.ts';

/** Node.js warns of timers that are longer, and has them fire after a millisecond. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Key = readonly [section: string, key: string];

/** The settings that are declared with a type. */
const settingsOf = (type: unknown): Key[] =>
  Object.entries(SECTIONS).flatMap(([section, { prototype }]) =>
    [...(SECTION_KEYS.get(section) ?? [])]
      .filter(([, property]) => Reflect.getMetadata('design:type', prototype, property) === type)
      .map(([key]): Key => [section, key]),
  );
const numbers = settingsOf(Number);

function problemsOf([section, key]: Key, value: string): string {
  const environment = { [`CLAUDE_CODE__${section}__${key}`.toUpperCase()]: value };
  try {
    loadSettings({ environment, directory: import.meta.dirname, isCrossChecked: false });
    return '';
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems.join('\n');
  }
}

test('every setting is declared with a type that says how a variable gives it', () => {
  const declared = [String, Number, Boolean, Array].flatMap((type) => settingsOf(type).map((key) => key.join('.')));
  const all = [...SECTION_KEYS].flatMap(([section, keys]) => [...keys.keys()].map((key) => `${section}.${key}`));
  assert.deepEqual([...declared, 'models.aliases'].toSorted(), all.toSorted());
});

test('no property of a section or a key is without a validator', () => {
  for (const Class of [...Object.values(SECTIONS), StoredKey]) {
    const names = Object.keys(new Class());
    const wrong: object = Object.assign(new Class(), Object.fromEntries(names.map((name) => [name, Symbol('wrong')])));
    assert.deepEqual(findProblems(wrong).map(({ path }) => path[0]), names);
  }
}); // prettier-ignore

test('there are numbers to check', () => assert.ok(numbers.length > 40, String(numbers.length)));

for (const setting of numbers) {
  const name = setting.join('.');
  test(`${name} has both bounds, and names itself beyond them`, () => {
    for (const value of ['1e15', '9007199254740991', '1e300', '-1', '-0.5', '"1"', 'null', 'true', '[1]'])
      assert.ok(problemsOf(setting, value).startsWith(name), `${value}: ${problemsOf(setting, value)}`);
  });
}

const timers = numbers.filter(([section, key]) => key.endsWith('_seconds') && section !== 'cors');
for (const setting of timers) {
  const name = setting.join('.');
  test(`${name} fits into a timer, with room for what is added to it`, () => {
    assert.ok(problemsOf(setting, String((LONGEST_TIMER_MS + 1) / 1000)).startsWith(name));
    assert.ok(problemsOf(setting, String(LONGEST_TIMER_MS / 1000)).startsWith(name));
    for (const value of ['2073600', '600', '0.01']) assert.equal(problemsOf(setting, value), '');
  });
}

test('durations that are no time at all are refused', () => {
  for (const value of ['0', '0.001', '1e-9', '-0'])
    assert.match(problemsOf(['server', 'keep_alive_seconds'], value), /must be 0\.01 to 2073600 seconds/);
  assert.match(problemsOf(['conversation', 'session_timeout_minutes'], '1e-9'), /must be 0\.001 to 5270400 minutes/);
});

test('a body is no larger than one string can be', () => {
  assert.equal(problemsOf(['server', 'max_body_megabytes'], '500'), '');
  assert.match(problemsOf(['server', 'max_body_megabytes'], '512'), /must be 0\.001 to 500 megabytes/);
  // In base64 a third is added.
  assert.match(problemsOf(['media', 'max_total_megabytes'], '400'), /must be 0\.0001 to 375 megabytes/);
});

test('names and other texts are one line without control characters', () => {
  const set = (name: string, value: string): string => {
    try {
      const environment = { [`CLAUDE_CODE__${name}`]: value };
      loadSettings({ environment, directory: import.meta.dirname, isCrossChecked: false });
      return '';
    } catch (error) {
      return (error as SettingsError).problems.join('\n');
    }
  };
  const key = { name: 'alice', sha256: 'a'.repeat(64) };
  for (const bad of ['a\nb', 'a\rb', '\u001B[2Ja', 'a\u0000', 'a\u009B', 'a\u2028b', 'a\u202Eb', '']) {
    assert.match(set('MODELS__ALIASES', JSON.stringify({ [bad]: 'sonnet' })), /models\.aliases/, JSON.stringify(bad));
    assert.match(set('MODELS__ALIASES', JSON.stringify({ ok: bad })), /models\.aliases/, JSON.stringify(bad));
    assert.match(set('AUTH__KEYS', JSON.stringify([{ ...key, models: [bad] }])), /auth\.keys/, JSON.stringify(bad));
    assert.match(set('AUTH__KEYS', JSON.stringify([{ ...key, name: bad }])), /auth\.keys/, JSON.stringify(bad));
  }
  assert.match(set('STORAGE__PATH', 'da\nta'), /storage\.path/);
  for (const good of ['claude-sonnet-4-5@20250929', 'us.anthropic/claude:0', 'Sonnet (gross) ü 模型'])
    assert.equal(set('MODELS__ALIASES', JSON.stringify({ [good]: 'sonnet' })), '');
});
