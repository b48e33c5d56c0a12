// Guarantee: a name means the model that the operator or the CLI says, a full id passes as it is, anything else is
// model_not_found, and nothing is called unknown before the CLI has told its models.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakePool } from '../../test/support/fake-pool.ts';
import type { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { ModelResolver } from './model-resolver.ts';

const aliases = { 'gpt-4o': 'sonnet', 'gpt-5': 'claude-opus-9', haiku: 'sonnet', lost: 'nowhere' };

function resolver(change: Partial<FakePool> = {}): ModelResolver {
  const pool = Object.assign(new FakePool(), change);
  return new ModelResolver({ aliases }, pool as unknown as ProcessPoolService);
}

const FOUND: [requested: string, cliModel: string][] = [
  ['sonnet', 'claude-sonnet-4-5'],
  ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['gpt-4o', 'claude-sonnet-4-5'],
  ['gpt-5', 'claude-opus-9'],
  ['haiku', 'claude-sonnet-4-5'],
  ['claude-not-listed-1', 'claude-not-listed-1'],
  ['claude-sonnet-4-5[1m]', 'claude-sonnet-4-5[1m]'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5@20250929'],
];
for (const [requested, cliModel] of FOUND) {
  test(`${requested} is ${cliModel}`, () => {
    const found = resolver().resolve(requested);
    assert.deepEqual([found.requested, found.cliModel], [requested, cliModel]);
  });
}

for (const requested of ['gpt-4', 'lost', 'toString', 'claude', 'claude-x --flag', 'xclaude-opus-4', '../claude-x']) {
  test(`${requested} is no model`, () => {
    assert.throws(() => resolver().resolve(requested), { status: 404, code: 'model_not_found', param: 'model' });
  });
}

test('before the CLI has told its models a full id passes, and any other name is to be asked for again', () => {
  const starting = resolver({ catalogue: [] });
  assert.equal(starting.resolve('claude-opus-9').cliModel, 'claude-opus-9');
  assert.throws(() => starting.resolve('sonnet'), { status: 503, code: 'starting', retryAfterSeconds: 1 });
});

test('when the CLI cannot tell its models, what stands in the way is said', () => {
  const missing = resolver({ catalogue: [], problem: { code: 'cli-not-found', message: '/opt/claude' } });
  assert.throws(() => missing.resolve('sonnet'), { status: 500, code: 'cli_not_found' });
  const old = resolver({ catalogue: [], problem: { code: 'cli-version', message: '/opt/claude is too old' } });
  assert.throws(() => old.resolve('sonnet'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'cli_version');
    return !error.message.includes('/opt');
  }); // prettier-ignore
});
