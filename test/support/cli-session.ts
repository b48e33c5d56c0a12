import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { childEnvironment, type ChildEnvironmentOptions } from '../../src/claude-cli/transport/child-environment.ts';
import { ClaudeSession } from '../../src/claude-cli/session/claude-session.ts';
import { launchArguments, plainProfile } from '../../src/claude-cli/transport/launch-options.ts';
import type { RateLimit } from '../../src/claude-cli/turn/rate-limit.ts';
import type { SessionEvent } from '../../src/claude-cli/session/session-event.ts';
import type { Turn, TurnEvent, TurnFinish } from '../../src/claude-cli/turn/turn.ts';
import { bundledCommand } from '../../src/claude-cli/check/version.ts';
import { ScriptedMessagesApi } from './scripted-messages-api.ts';

/** A process without an API key, which cannot be lean. */
export const WITHOUT_API_KEY = { lean: false, credentials: { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-test' } } as const;

export const IDENTITY = "You are a Claude agent, built on Anthropic's Claude Agent SDK.";
export const MODEL = 'claude-haiku-4-5';

export interface CliSessionOptions {
  readonly lean?: boolean;
  readonly maxRetries?: number;
  /** Instead of an API key. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly onRateLimit?: (limit: RateLimit) => void;
  /** Tools of the CLI's own that the model may use. */
  readonly builtInTools?: readonly string[];
  /** Instead of a directory of its own. */
  readonly workingDirectory?: string;
  readonly onEvent?: (event: SessionEvent) => void;
  readonly rehearsalUrl?: string;
  /** Where its own files are, instead of the system's temporary directory and its home. */
  readonly places?: Pick<ChildEnvironmentOptions, 'temporaryDirectory' | 'configurationDirectory'>;
}

/** The pinned CLI in an environment of its own, and the scripted API that it talks to. */
export class CliBench {
  private readonly sessions: ClaudeSession[] = [];

  private constructor(
    readonly api: ScriptedMessagesApi,
    readonly directory: string,
  ) {}

  static async start(): Promise<CliBench> {
    return new CliBench(await ScriptedMessagesApi.start(), mkdtempSync(join(tmpdir(), 'cli-test-')));
  }

  session(options: CliSessionOptions = {}): ClaudeSession {
    const lean = options.lean ?? true;
    const profile = plainProfile(lean, options.builtInTools);
    const home = join(this.directory, String(this.sessions.length));
    mkdirSync(home);
    const environment = childEnvironment({
      inherited: {
        PATH: process.env['PATH'],
        HOME: home,
        ANTHROPIC_BASE_URL: this.api.url,
        ...(options.credentials ?? { ANTHROPIC_API_KEY: 'sk-test' }),
      },
      lean,
      maxRetries: options.maxRetries ?? 1,
      ...options.places,
    });
    const session = new ClaudeSession({
      command: bundledCommand(),
      launchArguments: launchArguments(profile),
      environment,
      workingDirectory: options.workingDirectory ?? home,
      profile,
      identity: IDENTITY,
      ...(options.onRateLimit && { onRateLimit: options.onRateLimit }),
      ...(options.onEvent && { onEvent: options.onEvent }),
      ...(options.rehearsalUrl !== undefined && { rehearsalUrl: options.rehearsalUrl }),
    });
    this.sessions.push(session);
    return session;
  }

  async stop(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.end()));
    await this.api.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A turn whose texts alternate between user and assistant; the last is the user's. */
export function turnOf(texts: readonly string[], more: Partial<Turn> = {}): Turn {
  const messages = texts.map((text, index) => ({
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: [{ type: 'text' as const, text }],
  }));
  const message = messages.at(-1) as Turn['message'];
  return { model: MODEL, system: [], history: messages.slice(0, -1), message, tools: [], settings: {}, ...more };
}

/** Runs a turn to its end and waits until the process is settled. */
export async function run(session: ClaudeSession, turn: Turn, keep = 0): Promise<TurnEvent[]> {
  try {
    return await lastValueFrom(session.run(turn, keep).pipe(toArray()));
  } finally {
    await session.settle();
  }
}

export async function finishOf(session: ClaudeSession, turn: Turn, keep = 0): Promise<TurnFinish> {
  const last = (await run(session, turn, keep)).at(-1);
  if (last?.type !== 'finish') throw new Error('the turn did not finish');
  return last;
}

/** Starts a turn and cancels it at the first event of a type. */
export async function cancelAt(session: ClaudeSession, turn: Turn, type: TurnEvent['type']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const subscription = session
      .run(turn, 0)
      .pipe(
        tap((event) => {
          if (event.type !== type) return;
          setImmediate(() => subscription.unsubscribe());
          resolve();
        }),
      )
      .subscribe({ error: reject });
  });
  await session.settle();
}

/** The text that a turn gave, piece by piece joined. */
export function textOf(events: readonly TurnEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

/** The id of the session that the CLI sends a request for; the id of the device beside it may change in its first minute. */
export function sessionIdOf(body: Readonly<Record<string, unknown>>): string | undefined {
  return /"session_id":"([^"]+)"/.exec((body['metadata'] as { user_id: string }).user_id)?.[1];
}

/** The bytes of a request but for the ids of the process and its session. */
export function withoutIds(raw: string): string {
  return raw.replace(/"metadata":\{"user_id":"(?:[^"\\]|\\.)*"\}/, '"metadata":{}');
}
