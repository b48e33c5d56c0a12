// Guarantee: what a client reads are whole events, a stream that failed never looks complete, and no timer outlives it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { jest, test } from '@jest/globals';
import express, { type Response as ExpressResponse } from 'express';
import { afterThisTest } from '../../../test/support/after-this-test.ts';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { SseWriter } from './sse-writer.ts';

/** Serves one handler on a free port of loopback. */
async function serve(handler: (response: ExpressResponse) => void): Promise<number> {
  const server = express()
    .get('/', (_request, response) => handler(response))
    .listen(0, '127.0.0.1');
  afterThisTest(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const read = async (port: number): Promise<{ response: Response; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return { response, text: await response.text() };
};

test('events are framed as they are given', async () => {
  const port = await serve((response) => {
    const writer = new SseWriter(response, 60_000);
    writer.event('{"a":1}');
    writer.event('{"b":"ü"}');
    writer.event('[DONE]');
    writer.end();
  });
  const { response, text } = await read(port);
  assert.equal(text, 'data: {"a":1}\n\ndata: {"b":"ü"}\n\ndata: [DONE]\n\n');
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-store, no-transform');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
});

test('a stream that ends without an event is still a stream', async () => {
  const port = await serve((response) => new SseWriter(response, 60_000).end());
  const { response, text } = await read(port);
  assert.equal(text, '');
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
});

test('an event can have a name, and nothing follows the end', async () => {
  const port = await serve((response) => {
    const writer = new SseWriter(response, 60_000);
    writer.event('{}', 'ping');
    writer.end();
    writer.event('{"late":true}');
  });
  const { text } = await read(port);
  assert.equal(text, 'event: ping\ndata: {}\n\n');
});

test('nothing is committed before the first event', async () => {
  const port = await serve((response) => {
    const writer = new SseWriter(response, 1);
    assert.equal(writer.hasBegun, false);
    writer.stop();
    response.status(418).end('other');
  });
  const { response, text } = await read(port);
  assert.deepEqual([response.status, text], [418, 'other']);
});

test('silence is filled with comments from the beginning on, and only until the stream is stopped', async () => {
  fakeTimers(['setInterval']);
  afterThisTest(() => jest.useRealTimers());
  const served = Promise.withResolvers<ExpressResponse>();
  const port = await serve(served.resolve);
  const pending = fetch(`http://127.0.0.1:${port}/`);
  const response = await served.promise;
  const writer = new SseWriter(response, 1000);
  writer.open();
  jest.advanceTimersByTime(999);
  writer.event('{}');
  jest.advanceTimersByTime(1001);
  writer.stop();
  jest.advanceTimersByTime(10_000);
  writer.event('[DONE]');
  writer.end();
  assert.match(
    await (await pending).text(),
    /^: keep-alive\n\ndata: \{\}\n\n(: keep-alive\n\n){1,2}data: \[DONE\]\n\n$/,
  );
});

test('a client that does not read is cut off instead of filling the memory', async () => {
  const served = Promise.withResolvers<ExpressResponse>();
  const port = await serve(served.resolve);
  const client = connect(port, '127.0.0.1').pause();
  afterThisTest(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const response = await served.promise;
  const closed = once(response, 'close');
  const writer = new SseWriter(response, 60_000, 1024 * 1024);
  const event = JSON.stringify('x'.repeat(1024 * 1024));
  await waitFor('the cut', () => {
    writer.event(event);
    return response.destroyed;
  });
  await closed;
  assert.equal(response.writableFinished, false);
  writer.event(event);
  writer.event('[DONE]');
  writer.end();
});

test('writing to a client that has left does nothing', async () => {
  const served = Promise.withResolvers<ExpressResponse>();
  const port = await serve(served.resolve);
  const client = new AbortController();
  const pending = fetch(`http://127.0.0.1:${port}/`, { signal: client.signal });
  const response = await served.promise;
  const closed = once(response, 'close');
  client.abort();
  await assert.rejects(pending, { name: 'AbortError' });
  await closed;
  const writer = new SseWriter(response, 60_000);
  writer.event('{}');
  writer.event('[DONE]');
  writer.end();
  assert.equal(response.writableFinished, false);
});
