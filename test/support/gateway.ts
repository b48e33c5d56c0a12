import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { childrenOf } from './processes.ts';
import { ScriptedMessagesApi } from './scripted-messages-api.ts';
import { waitFor } from './wait-for.ts';
import { IS_WITHOUT_API_KEY } from './without-notes.ts';

export interface GatewayOptions {
  /** Settings as environment variables, without the prefix: `{ SERVER__DRAIN_SECONDS: '1' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further variables of the service; undefined removes one. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Whether to wait until it is ready. Default true. */
  readonly isReadyAwaited?: boolean;
  /** Another Messages API than one of its own. */
  readonly api?: ScriptedMessagesApi;
  /** A directory that outlives it, for what is stored. */
  readonly directory?: string;
}

/** Most tests need one or two processes; each that is started costs more processor time than a test with it. */
const SMALL_POOL = { PROCESS_POOL__SIZE: '3', PROCESS_POOL__MIN_IDLE: '1', PROCESS_POOL__MAX_IDLE: '3' };

const ENTRY = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

const READINESS_INTERVAL_MS = 40;

const running = new Set<ChildProcess>();

// A test that fails before it has stopped its service must not leave it behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The built service with the real CLI in front of a scripted Messages API, in an environment of its own. */
export class Gateway {
  output = '';

  private constructor(
    readonly api: ScriptedMessagesApi,
    readonly url: string,
    readonly directory: string,
    private readonly process: ChildProcess,
    private readonly ownsApi: boolean,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  static async start(options: GatewayOptions = {}): Promise<Gateway> {
    const api = options.api ?? (await ScriptedMessagesApi.start());
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'gateway-test-'));
    const home = join(directory, 'home');
    mkdirSync(home, { recursive: true });
    const port = await freePort();
    const settings = Object.entries({ SERVER__PORT: String(port), ...SMALL_POOL, ...options.settings });
    const environment = {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: api.url,
      ...(IS_WITHOUT_API_KEY ? { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' } : { ANTHROPIC_API_KEY: 'sk-test' }),
      ...Object.fromEntries(settings.map(([name, value]) => [`CLAUDE_CODE__${name}`, value])),
      ...options.environment,
    };
    const child = spawn(process.execPath, [ENTRY], { cwd: directory, env: environment, stdio: 'pipe' });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const gateway = new Gateway(api, `http://127.0.0.1:${port}`, directory, child, options.api === undefined);
    if (options.isReadyAwaited ?? true) {
      await gateway.untilReady().catch(async (error: unknown) => {
        await gateway.stop();
        throw error;
      });
    }
    return gateway;
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('the service was not started');
    return this.process.pid;
  }

  /** The CLI processes that it runs. */
  get cliPids(): number[] {
    return childrenOf(this.pid);
  }

  get exitCode(): number | null {
    return this.process.exitCode;
  }

  /** A client that does not repeat failed requests. */
  client(options: Partial<ConstructorParameters<typeof OpenAI>[0]> = {}): OpenAI {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey: 'none', maxRetries: 0, ...options });
  }

  async untilReady(): Promise<void> {
    await waitFor(
      'readiness',
      async () => {
        if (this.exitCode !== null) throw new Error(`the service ended with ${this.exitCode}: ${this.output}`);
        return fetch(`${this.url}/health/ready`).then(
          (response) => response.ok,
          () => false,
        );
      },
      60_000,
      READINESS_INTERVAL_MS,
    );
  }

  post(body: unknown, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      ...init,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
      body: JSON.stringify(body),
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Resolves with the exit code once it has ended; null when a signal ended it. */
  async exited(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }

  /** Ends the service and its API and removes its directory, unless that was given. Returns the exit code. */
  async stop(options: { keepsDirectory?: boolean } = {}): Promise<number | null> {
    this.signal('SIGTERM');
    const code = await this.exited();
    if (this.ownsApi) await this.api.close();
    if (!options.keepsDirectory) rmSync(this.directory, { recursive: true, force: true });
    return code;
  }
}

/** Below the ports that the system gives to whoever asks for any, so that no server of another test can take it meanwhile. */
const PORTS = { first: 15_000, count: 15_000 };

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** A chat completion request of one user message. */
export function ask(
  content: string,
  more: object = {},
): { model: string; messages: { role: 'user'; content: string }[] } {
  return { model: 'claude-haiku-4-5', messages: [{ role: 'user', content }], ...more };
}
