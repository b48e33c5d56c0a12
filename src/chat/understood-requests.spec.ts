// Guarantee: a body is understood once for those who repeat it, and never as that of another tenant, body or model.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { CatalogueModel } from '../claude-cli/initialization.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { toTurn, type MappedRequest } from './to-turn.ts';
import { UnderstoodRequests } from './understood-requests.ts';

const body = (content = 'hello'): object => ({ model: 'sonnet', messages: [{ role: 'user', content }] });
const from = (digest: string, tenant = 'alice', bytes = 100) => ({ tenant, body: { digest, bytes } });
const model = (cliModel = 'claude-sonnet-4-5', catalogue?: CatalogueModel): ResolvedModel => ({
  requested: 'sonnet',
  cliModel,
  ...(catalogue && { catalogue }),
});

let understood: UnderstoodRequests;
let mapped: number;
beforeEach(() => {
  understood = new UnderstoodRequests();
  mapped = 0;
});

function map(request: ChatCompletionRequest, resolved: ResolvedModel): MappedRequest {
  return understood.map(request, resolved, () => {
    mapped += 1;
    return toTurn(request, resolved, new Map(), { defaultEffort: 'none', isStrict: false });
  });
}

test('the same bytes of a tenant are the same request, and what it is mapped to is the same turn', () => {
  const request = understood.read(body(), from('a'));
  assert.equal(understood.read(body(), from('a')), request);
  assert.equal(map(request, model()), map(request, model()));
  assert.equal(mapped, 1);
});

test('another tenant, other bytes and bodies that are not known are requests of their own', () => {
  const request = understood.read(body(), from('a'));
  for (const other of [from('a', 'bob'), from('b'), { tenant: 'alice' }])
    assert.notEqual(understood.read(body(), other), request);
  assert.deepEqual(understood.read(body('other'), from('b', 'bob')).messages, [{ role: 'user', content: 'other' }]);
});

test('when the name means another model, or more is known of it, the request is mapped anew', () => {
  const request = understood.read(body(), from('a'));
  const catalogue = { value: 'sonnet', resolvedModel: 'claude-sonnet-5' } as CatalogueModel;
  for (const [resolved, times] of [
    [model(), 1],
    [model('claude-sonnet-5'), 2],
    [model('claude-sonnet-5', catalogue), 3],
    [model('claude-sonnet-5', catalogue), 3],
  ] as const) {
    assert.equal(map(request, resolved).turn.model, resolved.cliModel);
    assert.equal(mapped, times);
  }
});

test('nothing of what is given to several can be changed', () => {
  const request = understood.read(body(), from('a'));
  const { turn } = map(request, model());
  assert.throws(() => ((request.messages as unknown[])[0] = 'other'), TypeError);
  assert.throws(() => ((turn.message.content[0] as { text: string }).text = 'other'), TypeError);
});

test('a request whose bytes are not known is mapped each time', () => {
  const request = understood.read(body(), { tenant: 'alice' });
  assert.notEqual(map(request, model()), map(request, model()));
  assert.equal(mapped, 2);
});

test('a body that is wrong is so each time', () => {
  for (let time = 0; time < 2; time += 1)
    assert.throws(() => understood.read({ model: 'sonnet' }, from('a')), { param: 'messages' });
});

test('what is not repeated makes room: a thousand requests, and bodies of 16 MB together', () => {
  const first = understood.read(body(), from('first'));
  for (let index = 0; index < 999; index += 1) understood.read(body(), from(String(index)));
  assert.equal(understood.read(body(), from('first')), first);
  for (let index = 1000; index < 2000; index += 1) understood.read(body(), from(String(index)));
  const second = understood.read(body(), from('first'));
  assert.notEqual(second, first);
  for (let index = 0; index < 256; index += 1) understood.read(body(), from(`large ${index}`, 'alice', 64 * 1024));
  assert.notEqual(understood.read(body(), from('first')), second);
});
