import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Gateway } from './gateway.ts';
import { pseudoRandom } from './pseudo-random.ts';
import { spokenMessages, text } from './scripted-messages-api.ts';

interface Said {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const ACTIVE_AT_ONCE = 5;

export function keyOf(tenant: number): string {
  return `key-of-tenant-${tenant}`;
}

/** The setting `auth.keys` for so many tenants, of whom the first may see the figures of all. */
export function authKeys(count: number): string {
  const keys = Array.from({ length: count }, (_value, tenant) => ({
    name: `tenant-${tenant}`,
    sha256: createHash('sha256').update(keyOf(tenant)).digest('hex'),
    admin: tenant === 0,
  }));
  return JSON.stringify(keys);
}

/**
 * Lets tenants hold conversations at once in which all say the same and each gets answers of its own, with follow-ups,
 * edits, branches and regenerations. Asserts that what reached the model is, request for request, what was sent.
 */
export async function interleaveTenants(
  gateway: Gateway,
  tenants: number,
  requests: number,
  seed: number,
): Promise<void> {
  const { api } = gateway;
  let answers = 0;
  api.reset();
  api.respond(() => text(`answer ${(answers += 1)}`));
  const expected: string[] = [];
  let left = requests;
  const random = pseudoRandom(seed);
  const conversations = Array.from({ length: tenants }, (): Said[] => []);
  const active = new Set<number>();
  /** One tenant at a time says a few things; a few tenants do so at once, so that some find their process again. */
  const burst = async (): Promise<void> => {
    let tenant = Math.floor(random() * tenants);
    while (active.has(tenant)) tenant = (tenant + 1) % tenants;
    active.add(tenant);
    let conversation = conversations[tenant] ?? [];
    for (let length = 1 + Math.floor(random() * 6); length > 0 && left > 0; length -= 1) {
      left -= 1;
      conversation = nextRequest(conversation, random);
      expected.push(JSON.stringify(conversation.map(({ role, content }) => [role, content])));
      const response = await gateway.post(
        { model: 'claude-haiku-4-5', messages: conversation },
        { headers: { authorization: `Bearer ${keyOf(tenant)}` } },
      );
      const body = (await response.json()) as { choices: { message: { content: string } }[] };
      assert.equal(response.status, 200, JSON.stringify(body));
      conversation = [...conversation, { role: 'assistant', content: body.choices[0]?.message.content ?? '' }];
    }
    conversations[tenant] = conversation;
    active.delete(tenant);
  };
  const isUnfinished = (): boolean => left > 0;
  const worker = async (): Promise<void> => {
    while (isUnfinished()) await burst();
  };
  await Promise.all(Array.from({ length: ACTIVE_AT_ONCE }, worker));
  const seen = api.requests.map(({ body }) => JSON.stringify(spokenMessages(body)));
  assert.deepEqual(seen.toSorted(), expected.toSorted());
}

/** A conversation that ends with the user: the one before continued, edited, branched, asked again, or a new one. */
function nextRequest(conversation: readonly Said[], random: () => number): Said[] {
  const say = (content: string): Said => ({ role: 'user', content });
  const choice = random();
  const turns = conversation.length / 2;
  if (turns === 0 || turns > 6 || choice < 0.1) return [say('hello')];
  const cut = 2 * Math.floor(random() * turns);
  if (choice < 0.25) return [...conversation.slice(0, cut), say('edited')];
  if (choice < 0.4) return [...conversation.slice(0, cut), say('another way')];
  if (choice < 0.5) return conversation.slice(0, -1);
  return [...conversation, say(`and ${turns}?`)];
}
