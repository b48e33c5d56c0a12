// Guarantee: images and files reach the model as real blocks, in each form and anywhere in a conversation, and a conversation
// with a large one costs the service no more with each turn.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, test } from '@jest/globals';
import type { ContentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { ownMemoryBytes } from '../../src/process-pool/system/own-memory.ts';
import { Gateway } from '../support/gateway.ts';
import { dataUrl, GIF, JPEG, PDF, png, WEBP } from '../support/media-samples.ts';
import { MediaServer } from '../support/media-server.ts';
import { pseudoRandom } from '../support/pseudo-random.ts';
import { text } from '../support/scripted-messages-api.ts';

const MODEL = 'claude-haiku-4-5';
const PNG = png(3, 2);
let gateway: Gateway;
let server: MediaServer;
let root: string;
let allowed: string;
beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'media-test-')));
  allowed = join(root, 'allowed');
  mkdirSync(allowed);
  writeFileSync(join(allowed, 'image.png'), PNG);
  writeFileSync(join(allowed, 'text.png'), 'a text that is called an image');
  writeFileSync(join(root, 'secret.png'), PNG);
  symlinkSync(join(root, 'secret.png'), join(allowed, 'link.png'));
  server = await MediaServer.start();
  gateway = await Gateway.start({
    settings: {
      FILE_ACCESS__ADDITIONAL_DIRS: JSON.stringify([allowed]),
      MEDIA__TRUSTED_ORIGINS: JSON.stringify([server.origin]),
      PROCESS_POOL__MIN_IDLE: '1',
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => gateway.api.reset());

const image = (url: string): ChatCompletionContentPart => ({ type: 'image_url', image_url: { url } });
const file = (data: string, filename?: string): ChatCompletionContentPart => ({
  type: 'file',
  file: { file_data: data, ...(filename !== undefined && { filename }) },
});
const words = (text: string): ChatCompletionContentPart => ({ type: 'text', text });

async function send(messages: ChatCompletionMessageParam[]): Promise<string> {
  const completion = await gateway.client().chat.completions.create({ model: MODEL, messages });
  return completion.choices[0]?.message.content ?? '';
}

/** The blocks of a message as they reached the model, without the mark for the prompt cache. */
function reached(position: number): ContentBlockParam[] {
  const content = gateway.api.last.body.messages.at(position)?.content;
  assert.ok(Array.isArray(content), 'the message has blocks');
  return content.map((block) => {
    const { cache_control: _mark, ...rest } = block as ContentBlockParam & { cache_control?: unknown };
    return rest;
  });
}

const imageBlock = (type: string, content: Buffer): object => ({
  type: 'image',
  source: { type: 'base64', media_type: type, data: content.toString('base64') },
});

test('an image arrives as a block in each of its forms: data URL, http URL, path and file URL', async () => {
  const forms = [
    dataUrl('image/png', PNG),
    server.serve('/image', PNG),
    join(allowed, 'image.png'),
    pathToFileURL(join(allowed, 'image.png')).href,
  ];
  for (const url of forms) {
    await send([{ role: 'user', content: [words('what is this?'), image(url), words('tell me')] }]);
    assert.deepEqual(reached(-1), [
      { type: 'text', text: 'what is this?' },
      imageBlock('image/png', PNG),
      { type: 'text', text: 'tell me' },
    ]);
  }
});

test('JPEG, GIF and WebP arrive under their real type, whatever is declared', async () => {
  for (const [type, content] of [
    ['image/jpeg', JPEG],
    ['image/gif', GIF],
    ['image/webp', WEBP],
  ] as const) {
    await send([{ role: 'user', content: [image(dataUrl('image/png', content))] }]);
    assert.deepEqual(reached(-1), [imageBlock(type, content)]);
  }
});

test('a PDF arrives as a document with its name, from a data URL, from base64 alone, and as an image_url', async () => {
  const source = { type: 'base64', media_type: 'application/pdf', data: PDF.toString('base64') };
  for (const [part, title] of [
    [file(dataUrl('application/pdf', PDF), 'report.pdf'), 'report.pdf'],
    [file(PDF.toString('base64')), undefined],
    [image(dataUrl('application/pdf', PDF)), undefined],
  ] as const) {
    await send([{ role: 'user', content: [part, words('summarise')] }]);
    assert.deepEqual(reached(-1), [
      { type: 'document', source, ...(title !== undefined && { title }) },
      { type: 'text', text: 'summarise' },
    ]);
  }
});

test('a text file arrives as a document, and what it mentions is not read', async () => {
  const data = `see @${join(root, 'secret.png')} and\n/clear`;
  await send([{ role: 'user', content: [file(dataUrl('text/plain', Buffer.from(data)), 'notes.txt')] }]);
  assert.deepEqual(reached(-1), [
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, title: 'notes.txt' },
  ]);
  assert.ok(!gateway.api.last.raw.includes(PNG.toString('base64')));
});

test('in a history images and files stand where they were, replayed and on the process that holds them', async () => {
  const url = server.serve('/history', PNG);
  const messages: ChatCompletionMessageParam[] = [
    { role: 'user', content: [image(url), words('one')] },
    { role: 'assistant', content: 'first' },
    { role: 'user', content: [file(PDF.toString('base64')), image(dataUrl('image/gif', GIF))] },
  ];
  const expect = (): void => {
    assert.deepEqual(reached(0), [imageBlock('image/png', PNG), { type: 'text', text: 'one' }]);
    assert.deepEqual(
      reached(2).map(({ type }) => type),
      ['document', 'image'],
    );
  };
  // Nobody holds this conversation yet, so it is replayed; then it is continued where it is.
  const before = server.requested.length;
  let answer = await send(messages);
  expect();
  for (const next of ['two', 'three']) {
    messages.push({ role: 'assistant', content: answer }, { role: 'user', content: next });
    answer = await send(messages);
    expect();
    assert.equal(gateway.api.last.body.messages.length, messages.length);
  }
  assert.deepEqual(server.requested.slice(before), ['/history'], 'it is fetched once for all turns');
});

test('a conversation that goes on by its id keeps its image, whether the client tells it again or not', async () => {
  const begin = [{ role: 'user' as const, content: [words('what is this?'), image(dataUrl('image/png', PNG))] }];
  const post = async (messages: ChatCompletionMessageParam[], more: object = {}): Promise<string> => {
    const response = await gateway.post({ model: MODEL, messages, ...more });
    assert.equal(response.status, 200, await response.clone().text());
    return ((await response.json()) as { conversation_id: string }).conversation_id;
  };
  gateway.api.respond(text('a dot'));
  const id = await post(begin);
  const followUps: ChatCompletionMessageParam[][] = [
    [{ role: 'user', content: 'sure?' }],
    [
      ...begin,
      { role: 'assistant', content: 'a dot' },
      { role: 'user', content: 'sure?' },
      { role: 'assistant', content: 'a dot' },
      { role: 'user', content: 'really?' },
    ],
  ];
  for (const messages of followUps) {
    assert.equal(await post(messages, { conversation_id: id }), id);
    assert.deepEqual(reached(0), [{ type: 'text', text: 'what is this?' }, imageBlock('image/png', PNG)]);
  }
  assert.equal(gateway.api.last.body.messages.length, 5);
});

test('what must not be read or fetched is refused, and neither the model nor a server hears of it', async () => {
  const fromTrusted = (location: string, name: string): string => server.redirect(`/to-${name}`, location);
  const refused: [url: string, code: string][] = [
    [join(root, 'secret.png'), 'local_file_not_allowed'],
    [join(root, 'there-is-none.png'), 'local_file_not_allowed'],
    [join(allowed, 'link.png'), 'local_file_not_allowed'],
    [`${allowed}/../secret.png`, 'local_file_not_allowed'],
    [join(allowed, 'text.png'), 'unsupported_media_type'],
    ['http://127.0.0.1/image.png', 'url_not_allowed'],
    ['http://2130706433/image.png', 'url_not_allowed'],
    ['http://[::1]/image.png', 'url_not_allowed'],
    ['http://localhost/image.png', 'url_not_allowed'],
    ['http://169.254.169.254/latest/meta-data', 'url_not_allowed'],
    [`http://localhost:${server.port}/history`, 'url_not_allowed'],
    [fromTrusted('http://127.0.0.1/', 'loopback'), 'url_not_allowed'],
    [fromTrusted('http://169.254.169.254/', 'metadata'), 'url_not_allowed'],
    [
      server.serve('/text.png', 'a text that is called an image', { 'content-type': 'image/png' }),
      'unsupported_media_type',
    ],
    ['ftp://example.com/image.png', 'invalid_url'],
    [dataUrl('image/png', Buffer.from('a text')), 'unsupported_media_type'],
    ['data:image/png;base64,%%%%', 'invalid_base64'],
  ];
  const messages = new Set<string>();
  for (const [url, code] of refused) {
    const response = await gateway.post({
      model: MODEL,
      messages: [{ role: 'user', content: [words('x'), image(url)] }],
    });
    const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
    assert.deepEqual(
      [url, response.status, error.code, error.param],
      [url, 400, code, 'messages[0].content[1].image_url.url'],
    );
    if (code === 'local_file_not_allowed') messages.add(error.message);
  }
  assert.equal(messages.size, 1, 'one message for what is not allowed and what is not there');
  assert.equal(gateway.api.requests.length, 0);
});

test('the detail of an image and a file by id are told to have no effect, or refused', async () => {
  const detailed = { type: 'image_url', image_url: { url: dataUrl('image/png', PNG), detail: 'high' } };
  const response = await gateway.post({ model: MODEL, messages: [{ role: 'user', content: [detailed] }] });
  assert.equal(response.headers.get('x-claude-code-ignored'), 'messages.content.image_url.detail');
  await response.text();
  const byId = await gateway.post({
    model: MODEL,
    messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }],
  });
  const { error } = (await byId.json()) as { error: { code: string; param: string } };
  assert.deepEqual(
    [byId.status, error.code, error.param],
    [400, 'unsupported_parameter', 'messages[0].content[0].file.file_id'],
  );
});

test('an image of 10 MB in a conversation of 20 turns: one process holds it, and memory does not grow with the turns', async () => {
  const random = pseudoRandom(7);
  const large = png(1870, 1870, () => Math.floor(random() * 256));
  assert.ok(large.length > 10 * 1024 * 1024);
  // The heap is too small for the image once for each turn, so a service that kept it would end; the resident memory tells
  // of what lies outside the heap.
  const small = await Gateway.start({
    settings: { PROCESS_POOL__MIN_IDLE: '1' },
    environment: { NODE_OPTIONS: '--max-old-space-size=160' },
  });
  const messages: ChatCompletionMessageParam[] = [
    { role: 'user', content: [image(dataUrl('image/png', large)), words('turn 1')] },
  ];
  const memory: number[] = [];
  const images = new Set<string>();
  const tiers: boolean[] = [];
  for (let turn = 1; turn <= 20; turn += 1) {
    const response = await small.post({ model: MODEL, messages });
    assert.equal(response.status, 200);
    tiers.push(/lease;desc="live"/.test(response.headers.get('server-timing') ?? ''));
    const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
    assert.equal(small.api.requests.length, 1, 'one request of the model for each turn');
    const [first] = small.api.last.body.messages[0]?.content ?? [];
    assert.ok(typeof first === 'object' && first.type === 'image' && first.source.type === 'base64');
    images.add(first.source.data);
    small.api.reset();
    memory.push(ownMemoryBytes(small.pid) ?? 0);
    messages.push(
      { role: 'assistant', content: choices[0]!.message.content },
      { role: 'user', content: `turn ${turn + 1}` },
    );
  }
  await small.stop();
  assert.deepEqual(
    tiers,
    tiers.map((_isLive, index) => index > 0),
    'after the first turn the image is not given to the CLI again',
  );
  assert.equal(images.size, 1, 'the model sees the same image in each turn');
  // One copy of its bytes for each of the ten turns between would be more than 100 MB; what the collector has yet to take is less.
  const growth = Math.max(...memory.slice(15)) - Math.max(...memory.slice(5, 10));
  assert.ok(growth < 90e6, memory.map((bytes) => Math.round(bytes / 1e6)).join(' '));
});
