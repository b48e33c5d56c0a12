// Guarantee: a body is known again only to whom it belongs, only for a time and within bounds, and nothing of it changes.
import assert from 'node:assert/strict';
import { afterEach, jest, test } from '@jest/globals';
import { fakeTimers } from '../../../test/support/fake-timers.ts';
import { loadSettings } from '../../config/load-settings.ts';
import { CacheSettings, sectionOf } from '../../config/settings.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapResponseFormat } from './map-response-format.ts';
import { toTurn } from './to-turn.ts';
import { UnderstoodRequests, type UnderstoodRequest } from './understood-requests.ts';

afterEach(() => void jest.useRealTimers());

const start = (settings: Record<string, string> = {}): UnderstoodRequests => {
  const environment = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`CLAUDE_CODE__CACHE__${name}`, value]),
  );
  return new UnderstoodRequests(
    sectionOf(loadSettings({ environment, directory: import.meta.dirname }), CacheSettings),
  );
};
const from = (digest: string, tenant = 'alice', memoryBytes = 1000) => ({
  tenant,
  body: { digest, bytes: memoryBytes / 4, values: 0 },
});

function understand(content = 'hello'): UnderstoodRequest {
  const request = parseChatCompletionRequest({ model: 'sonnet', messages: [{ role: 'user', content }] });
  const model = { requested: 'sonnet', cliModel: 'claude-sonnet-4-5' };
  return {
    request,
    model,
    mapped: toTurn(request, model, new Map(), { defaultEffort: 'none', isStrict: false }),
    format: mapResponseFormat({ type: 'json_object' }),
  };
}

test('the same bytes of the same tenant are known again', () => {
  const requests = start();
  const understood = understand();
  requests.keep(from('a'), understood);
  assert.equal(requests.find(from('a')), understood);
});

test('those of another tenant, other bytes, and bodies without an identity are not', () => {
  const requests = start();
  requests.keep(from('a'), understand());
  requests.keep({ tenant: 'alice' }, understand());
  for (const other of [from('a', 'bob'), from('b'), from('a', ''), { tenant: 'alice' }])
    assert.equal(requests.find(other), undefined);
});

test('nothing of what is kept can be changed', () => {
  const { request, mapped, format } = understand();
  start().keep(from('a'), { request, mapped, format, model: { requested: 'sonnet', cliModel: 'x' } });
  assert.throws(() => ((request.messages as unknown[])[0] = 'other'), TypeError);
  assert.throws(() => ((format as { field: string }).field = 'other'), TypeError);
  assert.throws(() => ((mapped.turn.message.content[0] as { text: string }).text = 'other'), TypeError);
});

test('it is known no longer than answers are kept', () => {
  fakeTimers(['setTimeout', 'Date']);
  let clock = 1000;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
  const requests = start({ TTL_SECONDS: '10' });
  requests.keep(from('a'), understand());
  clock += 9_000;
  jest.advanceTimersByTime(9_000);
  assert.ok(requests.find(from('a')));
  clock += 2_000;
  jest.advanceTimersByTime(2_000);
  assert.equal(requests.find(from('a')), undefined);
  now.mockRestore();
});

test('the oldest go when there are too many, or when they are too large together', () => {
  for (const [settings, memoryBytes] of [
    [{ MAX_ENTRIES: '10' }, 1000],
    [{ MAX_MEGABYTES: '1' }, 100 * 1024],
    [{}, 1_677_720],
  ] as const) {
    const requests = start(settings);
    for (let index = 0; index < 20; index += 1) requests.keep(from(String(index), 'alice', memoryBytes), understand());
    const known = Array.from({ length: 20 }, (_, index) => requests.find(from(String(index))) !== undefined);
    assert.deepEqual(
      known,
      Array.from({ length: 20 }, (_, index) => index >= 10),
    );
  }
});

test('those of one tenant do not push out those of another', () => {
  const requests = start({ MAX_ENTRIES: '10' });
  requests.keep(from('a'), understand());
  for (let index = 0; index < 100; index += 1) requests.keep(from(String(index), 'bob'), understand());
  assert.ok(requests.find(from('a')));
});
