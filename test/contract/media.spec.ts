// Guarantee: what the CLI does to images and documents on their way to the Messages API is what the documents say.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { UserBlock } from '../../src/claude-cli/turn/turn.ts';
import { CliBench, run, turnOf } from '../support/cli-session.ts';
import { PDF, png } from '../support/media-samples.ts';
import { pseudoRandom } from '../support/pseudo-random.ts';

let bench: CliBench;
beforeAll(async () => {
  bench = await CliBench.start();
});
afterAll(() => bench.stop());
beforeEach(() => bench.api.reset());

const random = pseudoRandom(3);
const noise = (): number => Math.floor(random() * 256);
const image = (content: Buffer): UserBlock => ({
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: content.toString('base64') },
});
const text: UserBlock = { type: 'text', text: 'x' };

/** The first block of a message as it reached the API, sent as the last message and in a history. */
async function arrivals(block: UserBlock): Promise<ContentBlockParam[]> {
  const message = { role: 'user' as const, content: [block, text] };
  const found: ContentBlockParam[] = [];
  for (const turn of [
    turnOf(['a'], { message }),
    turnOf(['a', 'b', 'c'], { history: [message, { role: 'assistant', content: [{ type: 'text', text: 'b' }] }] }),
  ]) {
    await run(bench.session(), turn);
    const content = bench.api.last.body.messages[0]?.content;
    assert.ok(Array.isArray(content) && content[0]);
    found.push(content[0]);
  }
  return found;
}

test('an image of up to 512,000 bytes and 2000 pixels passes byte for byte', async () => {
  const block = image(png(410, 410, noise));
  assert.deepEqual(await arrivals(block), [block, block]);
});

test('a larger one is made smaller, the same way as the last message and in a history', async () => {
  for (const content of [png(420, 420, noise), png(2001, 40)]) {
    const [last, held] = await arrivals(image(content));
    assert.ok(last?.type === 'image' && last.source.type === 'base64');
    assert.ok(last.source.data.length < content.toString('base64').length);
    assert.ok(Buffer.from(last.source.data, 'base64').length <= 512_000);
    assert.deepEqual(held, last);
  }
});

test('documents pass as they are, titles included', async () => {
  for (const block of [
    { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF.toString('base64') } },
    {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: '@/etc/hosts /clear' },
      title: 'a.txt',
    },
  ] satisfies UserBlock[]) {
    assert.deepEqual(await arrivals(block), [block, block]);
  }
});
