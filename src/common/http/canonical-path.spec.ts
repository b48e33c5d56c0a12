// Guarantee: what a client makes of a base URL and an endpoint leads to that endpoint, ids and names stay as they are, and
// no path becomes another one's by being decoded or resolved.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalPath } from './canonical-path.ts';

for (const [path, canonical] of [
  ['/v1/chat/completions', '/v1/chat/completions'],
  ['//v1/chat/completions', '/v1/chat/completions'],
  ['/v1//chat///completions//', '/v1/chat/completions'],
  ['/chat/completions', '/v1/chat/completions'],
  ['/v1/v1/chat/completions', '/v1/chat/completions'],
  ['/v1/v1/v1/models', '/v1/models'],
  ['/v1/chat/completions/chat/completions', '/v1/chat/completions'],
  ['/v1/chat/completions/v1/chat/completions', '/v1/chat/completions'],
  ['/completions', '/v1/completions'],
  ['//V1/Completions/', '/v1/completions'],
  ['/v1/completions/Abc', '/v1/completions/Abc'],
  ['/v1/chat/completions/models', '/v1/models'],
  ['/chat/completions/models/sonnet', '/v1/models/sonnet'],
  ['/V1/Chat/Completions', '/v1/chat/completions'],
  ['/Models', '/v1/models'],
  ['/v1/v1/messages', '/v1/messages'],
  ['/Messages/batches', '/v1/messages/batches'],
  ['/models/', '/v1/models'],
  ['/models/anthropic/Claude-X', '/v1/models/anthropic/Claude-X'],
  ['/v1/models/v1/Chat', '/v1/models/v1/Chat'],
  ['/v1/models/a%2FB', '/v1/models/a%2FB'],
  ['/conversations', '/v1/conversations'],
  ['/Responses', '/v1/responses'],
  ['/v1/chat/completions/responses/Resp_A/Input_Items', '/v1/responses/Resp_A/input_items'],
  ['/V1/Conversations/conv_Ab/Items/Msg_C', '/v1/conversations/conv_Ab/items/Msg_C'],
  ['//HEALTH//Live/', '/health/live'],
  ['/Stats', '/stats'],
  ['', '/'],
  ['/', '/'],
  ['///', '/'],
  ['/V1/', '/v1'],
  ['/v1/v1', '/v1'],
  ['/v1/health', '/v1/health'],
  ['/V1/Engines/A', '/v1/Engines/A'],
  ['/v1/chat/completions/chatcmpl-Ab', '/v1/chat/completions/chatcmpl-Ab'],
  ['/api/V1/Models', '/api/V1/Models'],
  ['/v1%2Fmodels', '/v1%2Fmodels'],
  ['/%76%31/models', '/%76%31/models'],
  ['/v1;x/models', '/v1;x/models'],
  ['/v1/../v1/models', '/v1/../v1/models'],
  ['/health/../v1/models', '/health/../v1/models'],
  ['/v1\\models', '/v1\\models'],
] as const) {
  test(`${path} is ${canonical}`, () => assert.equal(canonicalPath(path), canonical));
}

const segment = fc.constantFrom('', 'v1', 'V1', 'chat', 'completions', 'models', 'Items', 'conversations', 'health', 'stats', '..', '.', '%2e%2e', 'a%2Fb', ';x', 'x'); // prettier-ignore

test('a canonical path is its own, and holds nothing but segments that were sent and the version', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
      const canonical = canonicalPath(`/${segments.join('/')}`);
      assert.equal(canonicalPath(canonical), canonical);
      assert.match(canonical, /^\/(?:[^/]+(?:\/[^/]+)*)?$/);
      const sent = new Set(segments.flatMap((each) => [each, each.toLowerCase()]));
      for (const each of canonical.split('/').filter(Boolean)) assert.ok(each === 'v1' || sent.has(each), canonical);
    }),
    { numRuns: 5000 },
  );
});
