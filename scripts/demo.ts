// Starts the service against a scripted Messages API on this machine, with the real CLI in between: no account is needed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lastText, ScriptedMessagesApi, text } from '../test/support/scripted-messages-api.ts';

const port = Number(process.env['PORT'] ?? 8080);
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
  env: {
    PATH: process.env['PATH'],
    HOME: home,
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: 'demo',
    CLAUDE_CODE__SERVER__PORT: String(port),
    CLAUDE_CODE__LOGGING__LEVEL: 'warn',
  },
});
const ended = once(service, 'exit');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => service.kill('SIGTERM'));

async function isReady(): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

for (let tries = 0; tries < 300 && service.exitCode === null && !(await isReady()); tries += 1) await delay(100);
if (service.exitCode === null) {
  process.stdout.write(`
Ready. In another terminal:

  curl ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"sonnet","messages":[{"role":"user","content":"Hello!"}]}'

  curl -N ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model":"sonnet","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

Ctrl-C ends it.
`);
}
await ended;
await api.close();
rmSync(home, { recursive: true, force: true });
