// Guarantee: clients that hold connections, dawdle or never read cost the others nothing and are ended by a bound.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { FaultBench, ROUNDS } from '../support/fault-bench.ts';
import { ask } from '../support/gateway.ts';
import { openDescriptors } from '../support/processes.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { text } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

let bench: FaultBench;
beforeAll(async () => {
  bench = await FaultBench.start({
    settings: {
      SERVER__REQUEST_TIMEOUT_SECONDS: '2',
      SERVER__SLOW_READER_SECONDS: '1',
      SERVER__MAX_CONNECTIONS: '550',
    },
  });
});
afterAll(() => bench.stop());

const open = (count: number): Promise<RawConnection[]> =>
  Promise.all(Array.from({ length: count }, () => RawConnection.open(bench.gateway.url)));
const post = (body: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

for (let round = 0; round < ROUNDS; round += 1) {
  test('500 idle connections: the others are served, and the idle ones are closed', async () => {
    const before = openDescriptors(bench.gateway.pid);
    let idle: RawConnection[] = [];
    await bench.underLoad(async (load) => {
      idle = await open(500);
      await waitFor('all of them', () => openDescriptors(bench.gateway.pid) >= before + 450);
      const { answered } = load;
      await waitFor('answers', () => load.answered > answered + 30);
      await waitFor('their end', () => idle.every(({ isClosed }) => isClosed));
    });
    assert.ok(idle.every(({ received }) => received === ''));
    await bench.assertRecovered();
  });

  test('1000 connections, more than are taken: the surplus is closed at once, and service goes on', async () => {
    const connections = await open(1000);
    await waitFor('the surplus to be closed', () => connections.filter(({ isClosed }) => isClosed).length >= 450);
    for (const connection of connections) connection.destroy();
    await bench.assertRecovered();
  });

  test('20 clients that send a byte a second are told that they took too long', async () => {
    await bench.underLoad(async () => {
      const slow = await open(20);
      const body = JSON.stringify(ask('x'));
      const timer = setInterval(() => {
        for (const [index, connection] of slow.entries()) {
          const whole = post(body) + body;
          // Half of them dawdle in the headers, half in the body.
          const start = index % 2 === 0 ? 0 : post(body).length;
          const sent = connection.socket.bytesWritten;
          connection.send(sent === 0 ? whole.slice(0, start + 1) : whole.slice(sent, sent + 1));
        }
      }, 1000);
      await waitFor('their end', () => slow.every(({ isClosed }) => isClosed));
      clearInterval(timer);
      for (const { status, body: answer } of slow) {
        assert.equal(status, 408);
        assert.match(answer, /"code":"request_timeout"/);
      }
    });
    await bench.assertRecovered();
  });

  for (const stream of [true, false]) {
    test(`clients that never read their ${stream ? 'stream' : 'answer'} are cut off, and their processes serve again`, async () => {
      bench.gateway.api.respond(text('x'.repeat(8_000_000), { deltaLength: 200_000 }));
      const deaf = await open(2);
      const body = JSON.stringify(ask('x', { stream }));
      const cuts = (): number => bench.gateway.output.split('"outcome":"slow_reader"').length - 1;
      const before = cuts();
      for (const connection of deaf) {
        connection.socket.pause();
        connection.send(post(body) + body);
      }
      await waitFor('the cuts', () => cuts() === before + 2, 60_000);
      await bench.assertRecovered();
      for (const connection of deaf) connection.destroy();
    });
  }
}
