// Guarantee: nothing is started with a CLI that was not checked, and one that was is taken at once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, test } from '@jest/globals';
import { waitFor } from '../../../test/support/wait-for.ts';
import { CheckedCli, type CliCheck } from './checked-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'checked-cli-'));
const command = join(directory, 'claude');
afterAll(() => rmSync(directory, { recursive: true }));

let checks: PromiseWithResolvers<CliCheck>[] = [];
let reports: (Error | undefined)[] = [];
beforeEach(() => {
  checks = [];
  reports = [];
  writeFileSync(command, 'one');
});

const passed = (version: string): CliCheck => ({ version }) as CliCheck;

function cliOf(name = command, path = ''): CheckedCli {
  return new CheckedCli({
    command: name,
    path,
    check: () => {
      const check = Promise.withResolvers<CliCheck>();
      checks.push(check);
      return check.promise;
    },
    onReplaced: (error) => reports.push(error),
  });
}

async function checkedCli(name?: string, path?: string): Promise<CheckedCli> {
  const cli = cliOf(name, path);
  const checking = cli.check();
  checks[0]?.resolve(passed('1'));
  await checking;
  return cli;
}

test('the one that was checked may be started, again and again, without another check', async () => {
  const cli = await checkedCli();
  for (let start = 0; start < 3; start += 1) cli.assertChecked();
  assert.equal(checks.length, 1);
  assert.equal(cli.result.version, '1');
});

test('another one is checked once, however many starts are tried, and then taken', async () => {
  const cli = await checkedCli();
  writeFileSync(command, 'another');
  for (let start = 0; start < 3; start += 1) assert.throws(() => cli.assertChecked(), { code: 'cli-changed' });
  assert.equal(checks.length, 2);
  checks[1]?.resolve(passed('2'));
  await waitFor('the report', () => reports.length === 1);
  cli.assertChecked();
  assert.equal(cli.result.version, '2');
  assert.deepEqual(reports, [undefined]);
});

test('one that does not pass is refused with the reason, until a better one or the first is back', async () => {
  const cli = await checkedCli();
  writeFileSync(command, 'a bad one');
  assert.throws(() => cli.assertChecked(), { code: 'cli-changed' });
  const reason = new Error('bad');
  checks[1]?.reject(reason);
  await waitFor('the report', () => reports.length === 1);
  for (let start = 0; start < 3; start += 1) assert.throws(() => cli.assertChecked(), reason);
  assert.equal(checks.length, 2);
  assert.equal(cli.result.version, '1');
  writeFileSync(command, 'a good one');
  assert.throws(() => cli.assertChecked(), { code: 'cli-changed' });
  checks[2]?.resolve(passed('3'));
  await waitFor('the report', () => reports.length === 2);
  cli.assertChecked();
});

test('one that is replaced while it is checked is checked as what it has become', async () => {
  const cli = cliOf();
  const checking = cli.check();
  writeFileSync(command, 'something else');
  checks[0]?.resolve(passed('1'));
  await waitFor('another check', () => checks.length === 2);
  checks[1]?.resolve(passed('2'));
  await checking;
  assert.equal(cli.result.version, '2');
});

test('one that has gone is noticed, and a name is looked for in the path', async () => {
  const cli = await checkedCli('claude', `/nonexistent:${directory}`);
  cli.assertChecked();
  rmSync(command);
  assert.throws(() => cli.assertChecked(), { code: 'cli-changed' });
});
