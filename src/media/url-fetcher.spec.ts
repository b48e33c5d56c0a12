// Guarantee: nothing but the public internet and what the operator vouches for is connected to, whatever names resolve to and
// wherever servers redirect; and no more is fetched than is needed to refuse.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterAll, beforeAll, test } from '@jest/globals';
import { png } from '../../test/support/media-samples.ts';
import { MediaServer } from '../../test/support/media-server.ts';
import { guardedLookup } from './guarded-lookup.ts';
import { MediaError } from './media-error.ts';
import { requireBinaryType } from './to-media.ts';
import { UrlFetcher, type UrlFetcherOptions } from './url-fetcher.ts';

const PNG = png(20, 20);
const MEGABYTE = 1024 * 1024;
/** Whoever resolves to these names means this machine or its network. */
const NAMES: Readonly<Record<string, string[]>> = {
  'loopback.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'metadata.test': ['169.254.169.254'],
  'private.test': ['10.1.2.3'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'none.test': [],
};
let server: MediaServer;
const fetchers: UrlFetcher[] = [];
beforeAll(async () => {
  server = await MediaServer.start();
});
afterAll(async () => {
  await Promise.all(fetchers.map((fetcher) => fetcher.close()));
  await server.close();
});

function fetcherOf(options: Partial<UrlFetcherOptions> = {}): UrlFetcher {
  const fetcher = new UrlFetcher({
    ports: [80, 443, server.port],
    trustedOrigins: [server.origin],
    timeoutMs: 20_000,
    resolveName: async (hostname) => {
      const addresses = NAMES[hostname];
      if (!addresses) throw Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    ...options,
  });
  fetchers.push(fetcher);
  return fetcher;
}

async function get(url: string, fetcher = fetcherOf(), signal = new AbortController().signal): Promise<Buffer> {
  return fetcher.fetch(url, MEGABYTE, requireBinaryType, signal);
}

async function refusalOf(url: string, fetcher = fetcherOf()): Promise<MediaError> {
  try {
    await get(url, fetcher);
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error));
    return error;
  }
  assert.fail(`${url} was fetched`);
}

test('a body is fetched whole, without cookies, credentials or a wish for compression', async () => {
  const large = Buffer.concat([PNG, Buffer.alloc(MEGABYTE - PNG.length)]);
  assert.deepEqual(await get(server.serve('/large', large)), large);
  const headers = server.headers.at(-1) ?? {};
  assert.equal(headers['accept-encoding'], 'identity');
  assert.deepEqual(
    ['cookie', 'authorization', 'referer'].filter((name) => name in headers),
    [],
  );
});

test('a name that resolves to a private address is refused before anything connects, like one that does not resolve', async () => {
  const before = server.requested.length;
  const words = new Set<string>();
  for (const name of [...Object.keys(NAMES), 'unknown.test']) {
    const error = await refusalOf(`http://${name}:${server.port}/image`);
    assert.equal(error.code, 'url_not_allowed', name);
    words.add(error.message);
  }
  assert.equal(words.size, 1, 'nobody learns which names an internal network has');
  assert.equal(server.requested.length, before);
});

test('without a resolver of its own the guard holds as well', async () => {
  const fetcher = new UrlFetcher({ ports: [server.port], trustedOrigins: [], timeoutMs: 20_000 });
  fetchers.push(fetcher);
  const before = server.requested.length;
  assert.equal((await refusalOf(`http://localhost:${server.port}/`, fetcher)).code, 'url_not_allowed');
  assert.equal(server.requested.length, before);
});

test('a socket is given the very addresses that were checked, asked for once', async () => {
  let asked = 0;
  const lookup = guardedLookup(async () => {
    asked += 1;
    return asked === 1 ? [{ address: '93.184.216.34', family: 4 }] : [{ address: '127.0.0.1', family: 4 }];
  });
  const addresses = await new Promise((resolve, reject) =>
    lookup('rebinding.test', { all: true }, (error, found) => (error ? reject(error) : resolve(found))),
  );
  assert.deepEqual(addresses, [{ address: '93.184.216.34', family: 4 }]);
  await assert.rejects(
    new Promise((resolve, reject) =>
      lookup('rebinding.test', {}, (error, found) => (error ? reject(error) : resolve(found))),
    ),
    { name: 'AddressNotAllowedError' },
  );
});

test('redirects are followed, a few of them', async () => {
  server.serve('/image', PNG);
  server.redirect('/r1', '/image', 308);
  server.redirect('/r2', `${server.origin}/r1`, 307);
  assert.deepEqual(await get(server.redirect('/r3', 'r2')), PNG);
  server.redirect('/r4', '/r3');
  assert.match((await refusalOf(`${server.origin}/r4`)).message, /too often/);
  assert.match((await refusalOf(server.redirect('/round', '/round'))).message, /too often/);
  const nowhere = server.route('/nowhere', (_request, response) => response.writeHead(302).end());
  assert.match((await refusalOf(nowhere)).message, /nowhere/);
});

test('a redirect to a private address, or to a name that resolves there, is refused and not followed', async () => {
  const places = [
    `http://localhost:${server.port}/image`,
    `http://loopback.test:${server.port}/image`,
    `http://[::ffff:127.0.0.1]:${server.port}/image`,
    `http://2130706434:${server.port}/image`,
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.test/latest/meta-data/',
    `http://user:pass@127.0.0.1:${server.port}/image`,
    'file:///etc/passwd',
  ];
  for (const [index, place] of places.entries()) {
    const before = server.requested.length;
    const { code } = await refusalOf(server.redirect(`/away${index}`, place));
    assert.ok(code === 'url_not_allowed' || code === 'invalid_url', place);
    assert.deepEqual(server.requested.slice(before), [`/away${index}`]);
  }
});

/** Serves as much as is taken, up to 1 GB, and tells how much was sent when the connection has closed. */
function endless(
  path: string,
  first: Buffer,
  headers: Record<string, string> = {},
): { url: string; sent: Promise<number> } {
  let tell: (sent: number) => void;
  const sent = new Promise<number>((resolve) => (tell = resolve));
  const url = server.route(path, (_request, response) => {
    response.writeHead(200, headers).write(first);
    const chunk = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (!response.destroyed && (response.socket?.bytesWritten ?? 0) < 1024 * MEGABYTE) {
        if (!response.write(chunk)) return;
      }
    };
    response.on('drain', write);
    const { socket } = response;
    response.once('close', () => tell(socket?.bytesWritten ?? 0));
    write();
  });
  return { url, sent };
}

/** What the buffers of the two sockets may hold beside what was read. */
const BUFFERED = 16 * MEGABYTE;

test('of a body of 1 GB no more is fetched than the limit', async () => {
  const { url, sent } = endless('/endless', PNG);
  assert.equal((await refusalOf(url)).code, 'media_too_large');
  assert.ok((await sent) < MEGABYTE + BUFFERED, `${await sent}`);
});

test('a body that says it is too large is not read at all', async () => {
  const { url, sent } = endless('/announced', PNG, { 'content-length': String(1024 * MEGABYTE) });
  assert.equal((await refusalOf(url)).code, 'media_too_large');
  assert.ok((await sent) < BUFFERED, `${await sent}`);
});

test('a body that is no image is given up at its first bytes, whatever its name and type say', async () => {
  const { url, sent } = endless('/text.png', Buffer.from('a text that is called an image'), {
    'content-type': 'image/png',
  });
  assert.equal((await refusalOf(url)).code, 'unsupported_media_type');
  assert.ok((await sent) < BUFFERED, `${await sent}`);
});

test('other answers than a whole body are refused', async () => {
  assert.match((await refusalOf(`${server.origin}/missing`)).message, /404/);
  assert.match((await refusalOf(server.serve('/zipped', PNG, { 'content-encoding': 'gzip' }))).message, /compressed/);
  const cut = server.route('/cut', (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write(PNG.subarray(0, 100));
    setImmediate(() => response.destroy());
  });
  assert.equal((await refusalOf(cut)).code, 'url_not_fetched');
  assert.equal(
    (await refusalOf('http://127.0.0.1:1/', fetcherOf({ trustedOrigins: ['http://127.0.0.1:1'] }))).code,
    'url_not_fetched',
  );
});

test('a server that takes too long is given up', async () => {
  const silent = server.route('/silent', () => undefined);
  assert.match((await refusalOf(silent, fetcherOf({ timeoutMs: 50 }))).message, /too long/);
  const slow = server.route('/slow', (_request, response) => void response.writeHead(200).write(PNG.subarray(0, 100)));
  assert.match((await refusalOf(slow, fetcherOf({ timeoutMs: 200 }))).message, /too long/);
});

test('an abort ends the fetch and its connection, with its own reason', async () => {
  const leaving = new AbortController();
  let closed: Promise<unknown> | undefined;
  const url = server.route('/abandoned', (_request, response) => {
    response.writeHead(200).write(PNG.subarray(0, 100));
    closed = once(response, 'close');
    leaving.abort(new Error('left'));
  });
  await assert.rejects(get(url, fetcherOf(), leaving.signal), { message: 'left' });
  await closed;
});
