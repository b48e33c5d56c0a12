import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, Gateway } from './gateway.ts';
import { pseudoRandom } from './pseudo-random.ts';
import { lastText, ScriptedMessagesApi, text } from './scripted-messages-api.ts';
import { waitFor } from './wait-for.ts';

const CONVERSATIONS = 5;
const TURNS_PER_LIFE = 20;

interface Turn {
  readonly said: string;
  /** Whether the client had the whole answer; if not, it may be there all the same, but only whole. */
  readonly isTold: boolean;
}

interface Conversation {
  id: string | undefined;
  readonly turns: Turn[];
}

/** One turn, streamed or not; false when the service died before the client had the answer whole. */
async function take(gateway: Gateway, conversation: Conversation, said: string, stream: boolean): Promise<boolean> {
  const more = { stream, ...(conversation.id !== undefined && { conversation_id: conversation.id }) };
  try {
    const response = await gateway.post(ask(said, more));
    // It is known from the headers on: the answer may break off, and the conversation be there.
    const id = response.headers.get('x-conversation-id');
    if (response.status === 200 && id !== null) conversation.id = id;
    const body = await response.text();
    assert.equal(response.status, 200, body);
    const isTold = stream ? body.endsWith('data: [DONE]\n\n') : body.endsWith('}');
    conversation.turns.push({ said, isTold });
    return isTold;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    conversation.turns.push({ said, isTold: false });
    return false;
  }
}

async function stored(gateway: Gateway, id: string): Promise<string[]> {
  const client = gateway.client();
  const found: string[] = [];
  for await (const item of client.conversations.items.list(id, { order: 'asc', limit: 100 })) {
    assert.equal(item.type, 'message');
    const [part] = item.type === 'message' ? item.content : [];
    found.push(part && 'text' in part ? part.text : '');
  }
  return found;
}

/** Checks what is stored against what was told, and takes over what turned out to be there. */
async function check(gateway: Gateway, conversation: Conversation): Promise<void> {
  if (conversation.id === undefined) {
    assert.ok(conversation.turns.every(({ isTold }) => !isTold));
    conversation.turns.length = 0;
    return;
  }
  const found = await stored(gateway, conversation.id).catch((error: unknown) => {
    if ((error as { status?: number }).status !== 404) throw error;
    return [];
  });
  assert.equal(found.length % 2, 0, 'no half turn');
  const kept: Turn[] = [];
  let place = 0;
  for (const turn of conversation.turns) {
    const isThere = found[place] === turn.said;
    assert.ok(isThere || !turn.isTold, `${turn.said} is there`);
    if (!isThere) continue;
    assert.equal(found[place + 1], `You said: ${turn.said}`);
    place += 2;
    kept.push({ ...turn, isTold: true });
  }
  assert.equal(place, found.length, 'nothing else is there');
  conversation.turns.splice(0, conversation.turns.length, ...kept);
  if (kept.length === 0) conversation.id = undefined;
}

export interface KillReport {
  readonly kills: number;
  /** Turns whose answer the client did not get whole. */
  readonly interrupted: number;
}

/**
 * Has several conversations go on at once while the service is killed at random moments and started again, and asserts
 * after each start that every conversation is exactly the sequence of its successful turns.
 */
export async function killAtRandom(turns: number): Promise<KillReport> {
  const directory = mkdtempSync(join(tmpdir(), 'kill-test-'));
  const api = await ScriptedMessagesApi.start();
  api.respond(({ body }) => text(`You said: ${lastText(body)}`, { deltaDelayMs: 1, deltaLength: 6 }));
  const random = pseudoRandom(23);
  const conversations = Array.from({ length: CONVERSATIONS }, (): Conversation => ({ id: undefined, turns: [] }));
  const settings = { CONVERSATION__MAX_HISTORY_MESSAGES: '500', PROCESS_POOL__MIN_IDLE: '1', PROCESS_POOL__SIZE: '3', PROCESS_POOL__MAX_IDLE: '3', CLAUDE__MAX_CONCURRENT_SESSIONS: '3' }; // prettier-ignore
  let begun = 0;
  let interrupted = 0;
  let kills = 0;
  const isUnfinished = (): boolean => begun < turns;
  while (isUnfinished()) {
    const gateway = await Gateway.start({ directory, api, settings });
    for (const conversation of conversations) await check(gateway, conversation);
    const target = begun + TURNS_PER_LIFE;
    let isDead = false;
    const isAlive = (): boolean => !isDead;
    const worker = async (conversation: Conversation): Promise<void> => {
      while (isAlive()) {
        const isTold = await take(gateway, conversation, `turn ${(begun += 1)}`, random() < 0.5);
        if (!isTold) interrupted += 1;
      }
    };
    const kill = async (): Promise<void> => {
      await waitFor('enough turns', () => begun >= target, 60_000);
      await delay(random() * 30);
      isDead = true;
      kills += 1;
      gateway.signal('SIGKILL');
      await gateway.exited();
    };
    await Promise.all([...conversations.map(worker), kill()]);
  }
  const last = await Gateway.start({ directory, api, settings });
  for (const conversation of conversations) await check(last, conversation);
  // What is stored is also what the model is given.
  const longest = conversations.reduce((left, right) => (left.turns.length >= right.turns.length ? left : right));
  await take(last, longest, 'and at last?', false);
  const seen = api.last.body.messages.filter(({ role }) => role === 'user');
  assert.equal(seen.length, longest.turns.length);
  assert.ok(interrupted > 0, 'some turns were interrupted');
  assert.ok(conversations.some(({ turns }) => turns.length > 2));
  await last.stop();
  await api.close();
  rmSync(directory, { recursive: true, force: true });
  return { kills, interrupted };
}
