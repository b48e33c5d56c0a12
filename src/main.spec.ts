// Guarantee: who starts the program in a way that cannot work is told what to do, with an exit code that says it failed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, test } from '@jest/globals';

const ENTRY = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Makes this Node say that it is an old one. */
const OLD_NODE = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })",
)}`;

const home = mkdtempSync(join(tmpdir(), 'main-test-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(options: readonly string[], settings: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, options, {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

test('--version prints the version of the package', async () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  assert.deepEqual(await run([ENTRY, '--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help prints how it is used and where settings come from', async () => {
  const { code, stdout } = await run([ENTRY, '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Usage: claude-code-api.*CLAUDE_CODE__SECTION__KEY/s);
});

test('an option that is not known does not start it', async () => {
  const { code, stdout, stderr } = await run([ENTRY, '--port', '80']);
  assert.deepEqual([code, stdout], [64, '']);
  assert.match(stderr, /unknown option --port.*Usage/s);
});

test('an older Node is told what to do', async () => {
  const { code, stdout, stderr } = await run(['--import', OLD_NODE, ENTRY]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /needs Node\.js 24 or later; this is 20\.11\.0\.\n.*npm start/s);
});

test('a port that is in use is named, and nothing is left running', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  // Its streams close only when no process that it has started holds them any more.
  const { code, stderr } = await run([ENTRY], {
    CLAUDE_CODE__SERVER__PORT: String(port),
    ANTHROPIC_API_KEY: 'sk-test',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
  });
  taken.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`));
});
