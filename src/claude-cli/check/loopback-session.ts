import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaudeSession } from '../session/claude-session.ts';
import { launchArguments, type Profile } from '../transport/launch-options.ts';
import { LoopbackApi } from './loopback-api.ts';

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
