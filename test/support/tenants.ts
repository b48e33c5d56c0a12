import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Gateway } from './gateway.ts';
import { pseudoRandom } from './pseudo-random.ts';
import { spokenMessages, text } from './scripted-messages-api.ts';

interface Said {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export function keyOf(tenant: number): string {
  return `key-of-tenant-${tenant}`;
}

/** The setting `auth.keys` for so many tenants. */
export function authKeys(count: number): string {
  const keys = Array.from({ length: count }, (_value, tenant) => ({
    name: `tenant-${tenant}`,
    sha256: createHash('sha256').update(keyOf(tenant)).digest('hex'),
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
  const hold = async (tenant: number): Promise<void> => {
    const random = pseudoRandom(seed + tenant);
    let conversation: Said[] = [];
    while (left-- > 0) {
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
  };
  await Promise.all(Array.from({ length: tenants }, (_value, tenant) => hold(tenant)));
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
