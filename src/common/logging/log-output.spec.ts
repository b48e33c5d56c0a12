// Guarantee: every line is written, in order while the process lives, and a standard output that cannot be used ends nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from '@jest/globals';

const MODULE = new URL('log-output.js', import.meta.url).href;

/** Runs code with `output` in a process of its own. */
function run(code: string, stdout: 'pipe' | number) {
  const source = `import { logOutput } from '${MODULE}'; const output = logOutput(); ${code}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', stdout, 'inherit'] });
}

const LINES = Array.from({ length: 5000 }, (_, line) => `${line}`);

test('lines are written in their order, and the last one also where the process exits right behind it', async () => {
  const child = run(
    `for (let line = 0; line < 5000; line += 1) output.write(line + '\\n');
     output.once('drain', () => { output.write('last\\n'); process.exit(0); });`,
    'pipe',
  );
  assert.equal(await text(child.stdout!), `${LINES.join('\n')}\nlast\n`);
});

test('an exit in the middle of many lines loses none of them', async () => {
  const child = run(
    `for (let line = 0; line < 5000; line += 1) output.write(line + '\\n');
     setImmediate(() => process.exit(0));`,
    'pipe',
  );
  const lines = (await text(child.stdout!)).trimEnd().split('\n');
  assert.deepEqual(new Set(lines), new Set(LINES));
});

test('one line alone is written while the process goes on', async () => {
  const child = run(`output.write('alone\\n'); setInterval(() => undefined, 1000);`, 'pipe');
  const [line] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  child.kill();
  assert.equal(line, 'alone\n');
});

test('a full disk behind standard output costs the lines; the process goes on and can exit', async () => {
  const full = openSync('/dev/full', 'w');
  const child = run(
    `let turns = 0;
     const timer = setInterval(() => {
       output.write('lost\\n');
       if ((turns += 1) === 10) clearInterval(timer);
     }, 10);`,
    full,
  );
  closeSync(full);
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});
