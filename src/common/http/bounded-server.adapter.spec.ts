// Guarantee: the end waits for what is being answered, and not for connections that clients keep open for later.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { of, Subject, switchMap } from 'rxjs';
import { RawConnection } from '../../../test/support/raw-connection.ts';
import { TestApplication } from '../../../test/support/test-application.ts';
import { finish, MODEL } from '../../../test/support/turn-events.ts';
import { waitFor } from '../../../test/support/wait-for.ts';

test('connections without a request are closed at once, those with one after their answer', async () => {
  const service = await TestApplication.start();
  const mayEnd = new Subject<void>();
  service.pool.answer = mayEnd.pipe(
    switchMap(() =>
      of({ type: 'start', model: MODEL } as const, { type: 'text-delta', text: 'to the end' } as const, finish()),
    ),
  );
  const unused = await RawConnection.open(service.url);
  const idle = await RawConnection.open(service.url);
  const busy = await RawConnection.open(service.url);
  idle.send('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await waitFor('its answer', () => idle.status === 200);
  const body = JSON.stringify({ model: 'sonnet', stream: true, messages: [{ role: 'user', content: 'hello' }] });
  const headers = `Host: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  busy.send(`POST /v1/chat/completions HTTP/1.1\r\n${headers}\r\n\r\n${body}`);
  await waitFor('the turn', () => service.pool.running === 1);

  const closing = service.close();
  assert.equal(await unused.closed(), '');
  await idle.closed();
  mayEnd.next();
  mayEnd.complete();
  assert.match(await busy.closed(), /to the end[^]*\[DONE\]/);
  await closing;
  await service.stop();
});
