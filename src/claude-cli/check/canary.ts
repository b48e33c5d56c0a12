import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import type { ClaudeSession } from '../session/claude-session.ts';
import { CliProtocolError } from '../errors.ts';
import type { Initialization } from '../session/initialization.ts';
import { plainProfile } from '../transport/launch-options.ts';
import { withLoopbackSession } from './loopback-session.ts';
import type { Turn } from '../turn/turn.ts';

export interface CanaryOptions {
  readonly command: string;
  /** The environment of the service's processes; the canary replaces its credentials and endpoint. */
  readonly environment: Readonly<Record<string, string>>;
  readonly lean: boolean;
  /** The parent of its temporary home; default: the system's temporary directory. */
  readonly scratch?: string;
  /** Aborts the canary, which then rejects with the session's error. */
  readonly signal?: AbortSignal;
}

export interface CanaryReport {
  /** The block with which the CLI begins every system prompt. */
  readonly identity: string;
  readonly initialization: Initialization;
}

/**
 * Proves, against a Messages API on loopback, that processes of this CLI can be reused: a file that a prompt mentions stays
 * unread, roles arrive in order, and a request after a rewind is byte-identical. Rejects with CliProtocolError if one of
 * these fails, or with the session's error.
 */
export function runCanary({ lean, signal, ...options }: CanaryOptions): Promise<CanaryReport> {
  return withLoopbackSession(
    { ...options, profile: plainProfile(lean), signal },
    async ({ session, requests, home }) => {
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
    },
  );
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

/**
 * Asserts that every text of the turn arrived in its place. Ignores the CLI's own notes (role system, without lean mode).
 */
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
