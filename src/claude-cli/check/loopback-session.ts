import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaudeSession } from '../session/claude-session.ts';
import { launchArguments, type Profile } from '../transport/launch-options.ts';
import { LoopbackApi } from './loopback-api.ts';

export interface LoopbackOptions {
  readonly command: string;
  /** The environment of the service's processes; its credentials and endpoint are replaced. */
  readonly environment: Readonly<Record<string, string>>;
  readonly profile: Profile;
  /** The parent of its home; default: the system's temporary directory. */
  readonly scratch?: string;
  /** Aborts the session, which then rejects. */
  readonly signal: AbortSignal | undefined;
}

/** A process connected to a loopback API that gives one short answer. */
export interface LoopbackSession {
  readonly session: ClaudeSession;
  /** The bodies of the requests that reached the loopback API. */
  readonly requests: readonly string[];
  /** Its home and working directory. */
  readonly home: string;
}

/** Variables that would direct requests to the provider's account, a proxy or another endpoint. */
const REDIRECTING = /^(ANTHROPIC_|CLAUDE_CODE_OAUTH|CLAUDE_CODE_USE_|CLAUDE_CONFIG_DIR$|AWS_|GOOGLE_|AZURE_)|_proxy$/i;

/** Runs `use` with a process that makes no requests outside this machine, and ends it. */
export async function withLoopbackSession<T>(
  { command, environment, profile, scratch, signal }: LoopbackOptions,
  use: (loopback: LoopbackSession) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const parent = scratch ?? tmpdir();
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const home = await mkdtemp(join(parent, 'claude-code-api-canary-'));
  const requests: string[] = [];
  const api = await LoopbackApi.start((body) => requests.push(body));
  const session = new ClaudeSession({
    command,
    launchArguments: launchArguments(profile),
    environment: loopbackEnvironment(environment, home, api.url),
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
    api.close();
    await rm(home, { recursive: true, force: true });
  }
}

function loopbackEnvironment(
  environment: Readonly<Record<string, string>>,
  home: string,
  url: string,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !REDIRECTING.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'canary',
  };
}
