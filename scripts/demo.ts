// Starts the service against a scripted Messages API on this machine, with the real CLI in between: no account is needed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lastText, ScriptedMessagesApi, text } from '../test/support/scripted-messages-api.ts';

const DEFAULT_PORT = 8080;
const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;

const port = process.env['PORT'] ?? (await freePort(DEFAULT_PORT));
const url = `http://127.0.0.1:${port}`;
const home = mkdtempSync(join(tmpdir(), 'claude-code-api-demo-'));
const api = await ScriptedMessagesApi.start({
  script: ({ body }) =>
    text(`This is a scripted answer to "${lastText(body)}". With your own credentials, Claude would answer.`, {
      deltaDelayMs: 20,
    }),
});
const service = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {
  cwd: home,
  stdio: 'inherit',
  // Ctrl-C reaches every process of the terminal's group; a service in it would get two signals and end without its cleanup.
  detached: true,
  env: {
    PATH: process.env['PATH'],
    HOME: home,
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: 'demo',
    CLAUDE_CODE__SERVER__PORT: String(port),
    CLAUDE_CODE__LOGGING__LEVEL: 'warn',
  },
});
const stopping = new AbortController();
function stop(): void {
  stopping.abort();
  service.kill('SIGTERM');
}
const ended = once(service, 'exit');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

if (await becomesReady()) {
  process.stdout.write(`
Ready. In another terminal:

  curl ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"sonnet","messages":[{"role":"user","content":"Hello!"}]}'

  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"sonnet","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ctrl-C ends it.
`);
} else if (!stopping.signal.aborted) {
  process.exitCode = 1;
  if (isRunning()) {
    const health = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
      (response) => response.text(),
      (error: unknown) => String(error),
    );
    process.stderr.write(`The service did not become ready: ${health}\n`);
    stop();
  }
}
await ended;
if (service.exitCode !== 0) process.exitCode = 1;
await api.close();
rmSync(home, { recursive: true, force: true });

/** False when the service has ended, is being stopped, or takes too long. */
async function becomesReady(): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline && isRunning() && !stopping.signal.aborted) {
    const isReady = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return isRunning();
    await delay(100);
  }
  return false;
}

function isRunning(): boolean {
  return service.exitCode === null && service.signalCode === null;
}

/** The preferred port, or another one when something listens there already. */
async function freePort(preferred: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(preferred, '127.0.0.1');
    await once(probe, 'listening');
  } catch {
    return freePort(0);
  }
  const { port: found } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return found;
}
