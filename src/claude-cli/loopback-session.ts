import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaudeSession } from './claude-session.ts';
import { launchArguments, type Profile } from './launch-options.ts';

export interface LoopbackOptions {
  readonly command: string;
  /** The environment of the service's own processes; its credentials and endpoint are replaced. */
  readonly environment: Readonly<Record<string, string>>;
  readonly profile: Profile;
  /** Where its home is made; default: in the system's temporary directory. */
  readonly scratch?: string;
  /** Ends it early; it then rejects with what the session throws. */
  readonly signal: AbortSignal | undefined;
}

/** A process whose model is a stand-in on loopback that gives one short answer. */
export interface LoopbackSession {
  readonly session: ClaudeSession;
  /** The bodies of the requests that reached the stand-in. */
  readonly requests: readonly string[];
  /** Its home and working directory. */
  readonly home: string;
}

const ANSWER = 'noted';
/** Would reach the provider's account, a proxy or another endpoint instead of the loopback API. */
const REDIRECTING = /^(ANTHROPIC_|CLAUDE_CODE_OAUTH|CLAUDE_CODE_USE_|CLAUDE_CONFIG_DIR$|AWS_|GOOGLE_|AZURE_)|_proxy$/i;

/** Does something with a process that asks nobody outside, and ends it. */
export async function withLoopbackSession<T>(
  { command, environment, profile, scratch, signal }: LoopbackOptions,
  use: (loopback: LoopbackSession) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const parent = scratch ?? tmpdir();
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const home = await mkdtemp(join(parent, 'claude-code-api-canary-'));
  const requests: string[] = [];
  const api = await startLoopbackApi(requests);
  const session = new ClaudeSession({
    command,
    launchArguments: launchArguments(profile),
    environment: loopbackEnvironment(environment, home, (api.address() as AddressInfo).port),
    workingDirectory: home,
    profile,
    identity: '',
  });
  const abort = (): void => void session.kill();
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await use({ session, requests, home });
  } finally {
    signal?.removeEventListener('abort', abort);
    await session.end();
    api.closeAllConnections();
    api.close();
    await rm(home, { recursive: true, force: true });
  }
}

function loopbackEnvironment(
  environment: Readonly<Record<string, string>>,
  home: string,
  port: number,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !REDIRECTING.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    ANTHROPIC_API_KEY: 'canary',
  };
}

async function startLoopbackApi(requests: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of answerEvents()) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function answerEvents(): { type: string; [field: string]: unknown }[] {
  const usage = { input_tokens: 1, output_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const message = { id: 'msg_canary', type: 'message', role: 'assistant', model: 'canary', content: [] };
  return [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null, usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ANSWER } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
}
