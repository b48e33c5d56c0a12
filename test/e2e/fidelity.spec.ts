// Guarantee: what reaches the model is the client's system text and messages, exactly, and nothing on the host's disk.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import { Gateway } from '../support/gateway.ts';
import { spokenMessages, systemTexts } from '../support/scripted-messages-api.ts';
import { IS_WITHOUT_API_KEY } from '../support/without-notes.ts';

const MODEL = 'claude-haiku-4-5';
let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start({ settings: { PROCESS_POOL__MIN_IDLE: '1' } });
});
afterAll(() => gateway.stop());
beforeEach(() => gateway.api.reset());

interface Said {
  role: 'user' | 'assistant' | 'system' | 'developer';
  content: unknown;
}

async function send(messages: Said[]): Promise<Response> {
  const response = await gateway.post({ model: MODEL, messages });
  await response.clone().text();
  return response;
}

function alternating(count: number, label: string): Said[] {
  return Array.from({ length: count }, (_value, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `${label} ${index}\n  with  spaces, "quotes", ünïcödé 🎈 and a trailing line\n`,
  }));
}

for (const [historyLength, label] of [
  [0, 'none'],
  [2, 'two'],
  [60, 'sixty'],
] as const) {
  test(`a request behind ${historyLength} messages of history arrives exactly, on a fresh and on a rewound process`, async () => {
    const messages = alternating(historyLength + 1, label);
    const expected = messages.map(({ role, content }) => [role, content]);
    // Two in a row: the second finds a process that has served before.
    for (const round of ['fresh', 'rewound']) {
      await send([{ role: 'system', content: `You are ${round}.` }, ...messages]);
      assert.deepEqual(spokenMessages(gateway.api.last.body), expected);
      assert.deepEqual(systemTexts(gateway.api.last.body), [`You are ${round}.`]);
      await send([{ role: 'user', content: `another conversation ${label} ${round}` }]);
      assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', `another conversation ${label} ${round}`]]);
      assert.deepEqual(systemTexts(gateway.api.last.body), []);
    }
  });
}

test('a "hi" costs at most 1,500 bytes of request, and 2,500 with the notes of the CLI', async () => {
  await send([{ role: 'user', content: 'hi' }]);
  const size = Buffer.byteLength(gateway.api.last.raw);
  assert.ok(size <= (IS_WITHOUT_API_KEY ? 2500 : 1500), `${size} bytes`);
});

const REST: [string, Said[], string[], [string, string][]][] = [
  [
    'consecutive messages of one role become one message of several blocks',
    [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
      { role: 'assistant', content: 'd' },
      { role: 'user', content: 'e' },
    ],
    [],
    [
      ['user', 'a\u0000b'],
      ['assistant', 'c\u0000d'],
      ['user', 'e'],
    ],
  ],
  [
    'system and developer messages are hoisted from wherever they stand, in order',
    [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'S1' },
      { role: 'assistant', content: 'b' },
      { role: 'developer', content: [{ type: 'text', text: 'S2' }] },
      { role: 'user', content: 'c' },
    ],
    ['S1', 'S2'],
    [
      ['user', 'a'],
      ['assistant', 'b'],
      ['user', 'c'],
    ],
  ],
  [
    'empty content vanishes beside other content of its role, and is (no content) alone',
    [
      { role: 'user', content: '' },
      { role: 'assistant', content: 'a' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'c' },
    ],
    [],
    [
      ['user', '(no content)'],
      ['assistant', 'a'],
      ['user', 'b\u0000c'],
    ],
  ],
  [
    'an assistant message at the end is continued',
    [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
    [],
    [
      ['user', 'a'],
      ['assistant', 'b'],
      ['user', 'Continue.'],
    ],
  ],
  [
    'an assistant message at the beginning follows an empty user message',
    [
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'b' },
    ],
    [],
    [
      ['user', '(no content)'],
      ['assistant', 'a'],
      ['user', 'b'],
    ],
  ],
  ['a system message alone is continued', [{ role: 'system', content: 'S' }], ['S'], [['user', 'Continue.']]],
];
for (const [title, messages, system, expected] of REST) {
  test(title, async () => {
    assert.equal((await send(messages)).status, 200);
    assert.deepEqual(spokenMessages(gateway.api.last.body), expected);
    // Without an API key the CLI joins them itself.
    const joined = IS_WITHOUT_API_KEY && system.length > 0 ? [system.join('\n\n')] : system;
    assert.deepEqual(systemTexts(gateway.api.last.body), joined);
  });
}

test('mentions, commands and flags reach the model as plain text in every position, and no file is read', async () => {
  const secret = `planted-${process.pid}-secret`;
  const planted = join(gateway.directory, 'planted.txt');
  writeFileSync(planted, secret);
  const texts = [
    '@/etc/hostname',
    `look at @${planted}`,
    '/clear',
    '/model opus',
    '!ls',
    '# note',
    '--help',
    `@"${planted}"`,
  ];
  for (const inert of texts) {
    await send([{ role: 'user', content: inert }]);
    assert.deepEqual(spokenMessages(gateway.api.last.body), [['user', inert]]);
    await send([
      { role: 'system', content: inert },
      { role: 'user', content: inert },
      { role: 'assistant', content: inert },
      { role: 'user', content: [{ type: 'text', text: inert }] },
    ]);
    assert.deepEqual(systemTexts(gateway.api.last.body), [inert]);
    assert.deepEqual(spokenMessages(gateway.api.last.body), [
      ['user', inert],
      ['assistant', inert],
      ['user', inert],
    ]);
  }
  assert.equal(
    gateway.api.requests.length,
    texts.length * 2,
    'one request of the model for each request of the client',
  );
  assert.ok(gateway.api.requests.every(({ raw }) => !raw.includes(secret)));
  assert.ok(gateway.api.requests.every(({ body }) => body.model === MODEL));
});
