import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { ClaudeSession } from './claude-session.ts';
import { CliProtocolError } from './errors.ts';
import type { Initialization } from './initialization.ts';
import { launchArguments, type Profile } from './launch-options.ts';
import type { Turn } from './turn.ts';

export interface CanaryOptions {
  readonly command: string;
  /** The environment of the service's own processes; its credentials and endpoint are replaced. */
  readonly environment: Readonly<Record<string, string>>;
  readonly lean: boolean;
  /** Ends it early; it then rejects with what the session throws. */
  readonly signal?: AbortSignal;
}

export interface CanaryReport {
  /** The block with which the CLI begins every system prompt. */
  readonly identity: string;
  readonly initialization: Initialization;
}

const ANSWER = 'noted';
/** Would reach the provider's account, a proxy or another endpoint instead of the loopback API. */
const REDIRECTING = /^(ANTHROPIC_|CLAUDE_CODE_OAUTH|CLAUDE_CODE_USE_|CLAUDE_CONFIG_DIR$|AWS_|GOOGLE_|AZURE_)|_proxy$/i;

/**
 * Shows, against a Messages API on loopback, that this CLI behaves as the reuse of processes needs it: a file that a
 * prompt mentions stays unread, roles arrive in order, and after a rewind a request is byte for byte what it was before.
 * Throws CliProtocolError when one of these does not hold, or what the session throws.
 */
export async function runCanary(options: CanaryOptions): Promise<CanaryReport> {
  options.signal?.throwIfAborted();
  const home = await mkdtemp(join(tmpdir(), 'claude-code-api-canary-'));
  const requests: string[] = [];
  const api = await startLoopbackApi(requests);
  const session = new ClaudeSession({
    command: options.command,
    launchArguments: launchArguments(canaryProfile(options.lean)),
    environment: canaryEnvironment(options.environment, home, (api.address() as AddressInfo).port),
    workingDirectory: home,
    profile: canaryProfile(options.lean),
    identity: '',
  });
  const abort = (): void => void session.kill();
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted) abort();
  try {
    const initialization = await session.initialize();
    const secret = `planted-${Math.random().toString(36).slice(2)}`;
    const file = join(home, 'planted.txt');
    await writeFile(file, secret);
    const plain = turnOf(['first']);
    const mention = turnOf(['one', 'two', `three @${file}`]);
    await runTurn(session, plain);
    await runTurn(session, mention);
    await runTurn(session, plain);
    return { identity: check(requests, plain, mention, secret), initialization };
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await session.end();
    api.closeAllConnections();
    api.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function runTurn(session: ClaudeSession, turn: Turn): Promise<void> {
  await lastValueFrom(session.run(turn, 0));
  await session.settle();
  await session.rewindTo(0);
}

interface SeenRequest {
  readonly system: readonly { readonly text: string }[];
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

function check(requests: readonly string[], plain: Turn, mention: Turn, secret: string): string {
  const [first, second, third] = requests;
  if (first === undefined || second === undefined || third === undefined || requests.length !== 3) {
    throw new CliProtocolError(`the CLI made ${requests.length} requests for 3 turns`);
  }
  if (requests.some((raw) => raw.includes(secret)))
    throw new CliProtocolError('the CLI read a file that a prompt mentioned');
  if (first !== third) throw new CliProtocolError('the CLI keeps traces of a conversation that was taken back');
  for (const [raw, turn] of [[first, plain], [second, mention]] as const) assertMessages(JSON.parse(raw) as SeenRequest, turn); // prettier-ignore
  const identity = (JSON.parse(first) as SeenRequest).system[0]?.text;
  if (identity === undefined || identity === '') throw new CliProtocolError('the CLI does not say what it is');
  return identity;
}

/** Every text of the turn stands in its place; the CLI's own notes (mode without API key) have the role system. */
function assertMessages(seen: SeenRequest, turn: Turn): void {
  const sent = [...turn.history, turn.message].map((message) => `${message.role}: ${textOf(message.content)}`);
  const arrived = seen.messages
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => `${role}: ${textOf(content)}`);
  if (sent.join('\n') !== arrived.join('\n')) throw new CliProtocolError('the CLI does not pass a history on as it is');
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as { text?: string }[]).map((block) => block.text ?? '').join('\n');
}

function turnOf(texts: readonly string[]): Turn {
  const messages = texts.map((text) => ({ role: 'user', content: [{ type: 'text', text }] }) as const);
  const history = messages
    .slice(0, -1)
    .flatMap((message, index) => [
      message,
      { role: 'assistant', content: [{ type: 'text', text: `answer ${index}` }] } as const,
    ]);
  return { model: 'sonnet', system: [], history, message: messages.at(-1)!, tools: [], settings: {} };
}

function canaryProfile(lean: boolean): Profile {
  return { lean, builtInTools: [], directories: [], mcpStrict: true, mcpDebug: false, grantPermissions: false };
}

function canaryEnvironment(
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
