// Guarantee: the parts of a request become blocks within the limits, or the request is refused at the part that is to blame.
import assert from 'node:assert/strict';
import { afterAll, test } from '@jest/globals';
import { dataUrl, PDF, png } from '../../../test/support/media-samples.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { loadSettings } from '../../config/load-settings.ts';
import { FileAccessSettings, MediaSettings, sectionOf } from '../../config/settings.ts';
import { MediaService } from '../../media/media.service.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mediaParts, missingMedia, type MediaPart } from './media-parts.ts';
import { resolveMedia, type ResolvedMedia } from '../../media/resolve-media.ts';

const services: MediaService[] = [];
afterAll(() => Promise.all(services.map((service) => service.onApplicationShutdown())));

async function resolve(
  parts: object[],
  settings: Record<string, string> = {},
  earlier: object[] = [],
): Promise<ResolvedMedia<MediaPart>> {
  const variables = Object.entries(settings).map(([name, value]) => [`CLAUDE_CODE__MEDIA__${name}`, value]);
  const loaded = loadSettings({ environment: Object.fromEntries(variables), directory: import.meta.dirname });
  const service = new MediaService(sectionOf(loaded, MediaSettings), sectionOf(loaded, FileAccessSettings));
  services.push(service);
  const { messages } = parseChatCompletionRequest({
    model: 'm',
    messages: [...earlier, { role: 'user', content: parts }],
  });
  return resolveMedia(mediaParts(messages), service, 'tenant', new AbortController().signal);
}

const PNG = png();
const image = (url: string = dataUrl('image/png', PNG)): object => ({ type: 'image_url', image_url: { url } });
const file = (more: object): object => ({ type: 'file', file: more });
const text = { type: 'text', text: 'x' };

test('each image and file part has its block, wherever it stands, and text has none', async () => {
  const media = await resolve([text, image(), file({ file_data: PDF.toString('base64'), filename: 'a.pdf' })], {}, [
    { role: 'user', content: [image()] },
    { role: 'assistant', content: 'y' },
  ]);
  assert.deepEqual(
    [...media]
      .map(([part, block]) => `${part.type} ${block.type} ${block.type === 'document' ? block.title : '-'}`)
      .toSorted((left, right) => left.localeCompare(right)),
    ['file document a.pdf', 'image_url image -', 'image_url image -'],
  );
});

test('a title is cut to what the API takes, and left out where it is blank', async () => {
  const titles = await Promise.all(
    ['x'.repeat(600), ' ', `${'x'.repeat(499)}🎈`].map(async (filename) => {
      const [block] = (await resolve([file({ file_data: PDF.toString('base64'), filename })])).values();
      return block?.type === 'document' ? block.title : '';
    }),
  );
  assert.deepEqual(titles, ['x'.repeat(500), undefined, `${'x'.repeat(499)}�`]);
});

const LARGE = dataUrl('image/png', png(30, 30));
const REFUSED: [what: string, parts: object[], param: string, code: string, settings?: Record<string, string>][] = [
  ['an image above the limit', [text, image(LARGE)], 'messages[0].content[1].image_url.url', 'media_too_large', { MAX_IMAGE_MEGABYTES: '0.002' }],
  ['a file above the limit', [file({ file_data: PDF.toString('base64') })], 'messages[0].content[0].file.file_data', 'media_too_large', { MAX_FILE_MEGABYTES: '0.0001' }],
  ['percent-encoded text above the limit', [file({ file_data: `data:,${'%20'.repeat(200)}` })], 'messages[0].content[0].file.file_data', 'media_too_large', { MAX_FILE_MEGABYTES: '0.0001' }],
  ['more than all together may be', [image(LARGE), image(LARGE)], 'messages[0].content[1]', 'media_too_large', { MAX_TOTAL_MEGABYTES: '0.004' }],
  ['one image too many', [image(), text, image()], 'messages[0].content[2]', 'too_many_images', { MAX_IMAGES: '1' }],
  ['one file too many', [file({ file_data: PDF.toString('base64') })], 'messages[0].content[0]', 'too_many_files', { MAX_FILES: '0' }],
  ['a text that is called an image', [image(dataUrl('image/png', Buffer.from('a text')))], 'messages[0].content[0].image_url.url', 'unsupported_media_type'],
  ['a file that is neither text nor known', [file({ file_data: 'UEsDBAAA', filename: 'a.pdf' })], 'messages[0].content[0].file.file_data', 'unsupported_media_type'],
  ['a file that is not base64', [file({ file_data: 'https://example.com/a.pdf' })], 'messages[0].content[0].file.file_data', 'invalid_base64'],
  ['a file by its id', [file({ file_id: 'file-1' })], 'messages[0].content[0].file.file_id', 'unsupported_parameter'],
  ['a file of nothing', [file({ filename: 'a.pdf' })], 'messages[0].content[0].file.file_data', 'missing_required_parameter'],
  ['a local path while no directory is allowed', [image('/etc/hostname')], 'messages[0].content[0].image_url.url', 'local_file_not_allowed'],
  ['a URL while none are fetched', [image('https://example.com/')], 'messages[0].content[0].image_url.url', 'url_not_allowed', { ALLOW_URLS: 'false' }],
  ['base64 without its data URL', [image(PNG.toString('base64'))], 'messages[0].content[0].image_url.url', 'invalid_url'],
]; // prettier-ignore
for (const [what, parts, param, code, settings] of REFUSED) {
  test(`${what} is refused and its place is named`, async () => {
    await assert.rejects(resolve(parts, settings), (error: GatewayError) => {
      assert.deepEqual([error.status, error.param, error.code], [400, param, code]);
      return true;
    });
  });
}

const said = (media: ResolvedMedia<MediaPart>): string[] =>
  [...media.values()].map((block) => (block.type === 'text' ? block.text : block.type));

test('what cannot be used in the history, results of tools included, is told to the model and named', async () => {
  const tool = (content: object[]): object => ({ role: 'tool', tool_call_id: 'a', content });
  const broken = [image('/etc/hostname'), file({ file_id: 'file-1' }), file({ filename: 'a.pdf' })];
  const media = await resolve([text, image()], {}, [
    { role: 'user', content: broken },
    tool([image(dataUrl('image/png', Buffer.from('a text'))), image()]),
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'b', content: [image('nothing')] }] },
  ]);
  const told = said(media);
  assert.equal(told.filter((block) => block === 'image').length, 2);
  assert.deepEqual(
    told.filter((block) => block !== 'image').map((block) => block.replace(/^\[This (image|file) is not available\. .*\]$/, '$1')), // prettier-ignore
    ['image', 'image', 'file', 'file', 'image'],
  );
  assert.ok(told.every((block) => !block.includes('/etc/hostname')));
  assert.deepEqual(missingMedia(media), [
    'messages.content.image_url (not available; the model gets a note)',
    'messages.content.file (not available; the model gets a note)',
  ]);
});

test('a result of a tool at the end is history: what it cannot show is told to the model', async () => {
  const loaded = await resolve([{ type: 'tool_result', tool_use_id: 'a', content: [image('nothing')] }]);
  assert.match(said(loaded)[0] ?? '', /^\[This image is not available\. /);
});

test('where a request has more images than it may, those that are asked now and the newest are kept', async () => {
  const earlier = [4, 5, 6].map((size) => ({ role: 'user', content: [image(dataUrl('image/png', png(size, size)))] }));
  const megabytes = (PNG.length + png(6, 6).length + 10) / (1024 * 1024);
  const bounds: Record<string, string>[] = [{ MAX_IMAGES: '2' }, { MAX_TOTAL_MEGABYTES: String(megabytes) }];
  for (const settings of bounds) {
    const media = await resolve([image()], settings, earlier);
    assert.deepEqual(
      said(media).map((block) => block.slice(0, 30)).toSorted(), // prettier-ignore
      ['[This image is not available. ', '[This image is not available. ', 'image', 'image'],
    );
    const oldest = [...media].find(([part]) => part.type === 'image_url' && part.image_url.url === dataUrl('image/png', png(4, 4))); // prettier-ignore
    assert.equal(oldest?.[1].type, 'text');
  }
});

test('a file by URL is fetched as an image is', async () => {
  await assert.rejects(
    resolve([file({ file_url: 'https://example.com/a.pdf' })], { ALLOW_URLS: 'false' }),
    (error: GatewayError) => error.code === 'url_not_allowed' && error.param === 'messages[0].content[0].file.file_url',
  );
  const [block] = (await resolve([file({ file_url: dataUrl('application/pdf', PDF), filename: 'a.pdf' })])).values();
  assert.ok(block?.type === 'document' && block.title === 'a.pdf');
});

test('an image that is within all limits passes', async () => {
  const media = await resolve([image(LARGE)], {
    MAX_IMAGES: '1',
    MAX_IMAGE_MEGABYTES: '0.01',
    MAX_TOTAL_MEGABYTES: '0.01',
  });
  assert.equal(media.size, 1);
});
