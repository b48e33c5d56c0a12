// Guarantee: nothing but an equal prefix of the same tenant, context and profile is ever continued.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { plainProfile } from '../../claude-cli/transport/launch-options.ts';
import { place, type Candidate, type PlacementRequest } from './placement.ts';

const profile = plainProfile(true);
const rules = { canRecycle: true, isolateTenants: false };

function candidate(more: Partial<Candidate> = {}): Candidate {
  return {
    profileKey: 'p',
    hasOwnTools: false,
    systemKey: '',
    tenant: 'alice',
    contextKey: 'm',
    held: [],
    lastUsedAt: 0,
    ...more,
  };
}

function request(more: Partial<PlacementRequest> = {}): PlacementRequest {
  return { tenant: 'alice', profile, profileKey: 'p', systemKey: '', contextKey: 'm', digests: [], ...more };
}

test('whatever is held and asked, what is kept is an equal prefix of the same tenant, context and profile', () => {
  const name = fc.constantFrom('a', 'b');
  const digests = fc.array(fc.constantFrom('x', 'y'), { maxLength: 6 });
  const candidates = fc.array(
    fc.record({
      profileKey: name,
      hasOwnTools: fc.boolean(),
      systemKey: fc.option(name, { nil: undefined }),
      tenant: fc.option(name, { nil: undefined }),
      contextKey: name,
      held: digests,
      lastUsedAt: fc.nat(),
    }),
  );
  const requests = fc.record({
    tenant: name,
    profile: fc.constant(profile),
    profileKey: name,
    systemKey: name,
    contextKey: name,
    digests,
  });
  fc.assert(
    fc.property(candidates, requests, fc.boolean(), fc.boolean(), (idle, asked, canRecycle, isolateTenants) => {
      const found = place(asked, idle, { canRecycle, isolateTenants });
      if (!found) return;
      const { process, keep } = found;
      assert.equal(process.profileKey, asked.profileKey);
      assert.ok(process.systemKey === undefined || process.systemKey === asked.systemKey);
      assert.deepEqual(process.held.slice(0, keep), asked.digests.slice(0, keep));
      assert.equal(keep % 2, 0);
      if (keep > 0) assert.deepEqual([process.tenant, process.contextKey], [asked.tenant, asked.contextKey]);
      if (isolateTenants && process.tenant !== undefined) assert.equal(process.tenant, asked.tenant);
      if ((!canRecycle || process.hasOwnTools) && process.tenant !== undefined) assert.ok(keep > 0);
    }),
  );
});

test('the longest shared history wins, an exact one before one to be rewound', () => {
  const short = candidate({ held: ['u', 'a'] });
  const long = candidate({ held: ['u', 'a', 'v', 'b'] });
  const longer = candidate({ held: ['u', 'a', 'v', 'b', 'w', 'c'] });
  const asked = request({ digests: ['u', 'a', 'v', 'b'] });
  assert.deepEqual(place(asked, [short, longer, long], rules), { process: long, tier: 'live', keep: 4 });
  assert.deepEqual(place(asked, [short, longer], rules), { process: longer, tier: 'rewound', keep: 4 });
});

test('a conversation is not taken back for a little of its beginning while an empty process is ready', () => {
  const live = candidate({ held: ['u', 'a', 'v', 'b', 'w', 'c'] });
  const empty = candidate();
  const asked = request({ digests: ['u', 'a'] });
  assert.equal(place(asked, [live, empty], rules)?.tier, 'empty');
  assert.equal(place(asked, [live], rules)?.tier, 'rewound');
});

test('without anything that fits, the conversation that was used least recently is taken back', () => {
  const old = candidate({ held: ['x', 'y'], lastUsedAt: 1 });
  const recent = candidate({ held: ['x', 'z'], lastUsedAt: 2 });
  assert.deepEqual(place(request({ tenant: 'bob' }), [recent, old], rules), { process: old, tier: 'emptied', keep: 0 });
  assert.equal(place(request({ tenant: 'bob' }), [recent, old], { ...rules, isolateTenants: true }), undefined);
});
