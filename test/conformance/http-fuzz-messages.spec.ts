// Guarantee: whatever comes to the Messages API over HTTP is answered, or refused in Anthropic's shape at the place that is to
// blame; never a 5xx.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import * as fc from 'fast-check';
import { of } from 'rxjs';
import { Pool } from 'undici';
import { messageEvents, streamedBlocks } from '../support/message-stream.ts';
import { messagesBodies } from '../support/messages-bodies.ts';
import { damagedBytes, leadsSomewhere } from '../support/request-bodies.ts';
import { AT_ONCE, severalAtOnce } from '../support/several-at-once.ts';
import { TestApplication } from '../support/test-application.ts';
import { TURNS } from '../support/turn-events.ts';

let service: TestApplication;
let client: Pool;
beforeAll(async () => {
  service = await TestApplication.start({ MEDIA__ALLOW_URLS: 'false' });
  service.pool.answer = of(...TURNS['text and parallel calls']);
  client = new Pool(service.url, { connections: AT_ONCE });
});
afterAll(async () => {
  await client.close();
  await service.stop();
});

const VALID = JSON.stringify({
  model: 'sonnet',
  max_tokens: 100,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'ünï\\"🎈\n' }] }],
  tools: [{ name: 'f', input_schema: { type: 'object' } }],
});

interface Answer {
  readonly status: number;
  readonly raw: string;
}

async function send(body: string | Buffer): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ path: '/v1/messages', method: 'POST', headers, body });
  return { status: response.statusCode, raw: await response.body.text() };
}

function assertAnswered({ status, raw }: Answer): void {
  assert.equal(status, 200, raw);
  if (raw.startsWith('event: ')) streamedBlocks(messageEvents(raw));
  else assert.equal((JSON.parse(raw) as { type: string }).type, 'message');
}

function messageOf({ status, raw }: Answer): string {
  assert.ok(status >= 400 && status < 500, `${status} ${raw}`);
  const body = JSON.parse(raw) as { error: { type: string; message: string } };
  assert.deepEqual(Object.keys(body), ['type', 'error', 'request_id']);
  assert.equal(body.error.type, status === 404 ? 'not_found_error' : 'invalid_request_error');
  return body.error.message;
}

test('2,400 generated bodies of messages over HTTP are answered or refused with a 400 that names a place in them', async () => {
  let answered = 0;
  let refused = 0;
  await fc.assert(
    severalAtOnce(messagesBodies('sonnet'), async (generated) => {
      const body = JSON.stringify(generated);
      const answer = await send(body);
      if (answer.status === 200) {
        answered += 1;
        return assertAnswered(answer);
      }
      refused += 1;
      const message = messageOf(answer);
      const [field = ''] = message.split(': ');
      if (answer.status === 404) assert.equal(field, 'model');
      assert.ok(leadsSomewhere(JSON.parse(body), field, message.endsWith(': Field required')), message);
    }),
    { numRuns: 2400 / AT_ONCE },
  );
  assert.ok(answered > 200 && refused > 500, `${answered} answered, ${refused} refused`);
  assert.equal(service.pool.turns.length, answered);
  assert.equal(service.pool.running, 0);
});

test('1,200 bodies of messages with damaged bytes are answered or refused', async () => {
  let refused = 0;
  await fc.assert(
    severalAtOnce(damagedBytes(VALID), async (bytes) => {
      const answer = await send(bytes);
      if (answer.status === 200) return assertAnswered(answer);
      refused += 1;
      messageOf(answer);
    }),
    { numRuns: 1200 / AT_ONCE },
  );
  assert.ok(refused > 500, `${refused} refused`);
});

for (const [what, inside] of [
  ['__proto__ in a block', '[{"type":"text","text":"x","__proto__":{"polluted":true}}]'],
  ['half a surrogate pair', '"a\\ud800b"'],
  ['a null character', '"a\\u0000b"'],
] as const) {
  test(`a message with ${what} is answered`, async () => {
    assertAnswered(await send(`{"model":"sonnet","max_tokens":5,"messages":[{"role":"user","content":${inside}}]}`));
    assert.ok(!('polluted' in {}), 'what all objects inherit is as it was');
  });
}
