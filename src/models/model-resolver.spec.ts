// Guarantee: a name means the model that the operator or the CLI says, a full id passes as it is, anything else is
// model_not_found, and nothing is called unknown before the CLI has told its models.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { FakePool } from '../../test/support/fake-pool.ts';
import type { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { ModelResolver } from './model-resolver.ts';

const aliases = {
  'gpt-4o': 'sonnet',
  'gpt-5': 'claude-opus-9',
  haiku: 'sonnet',
  lost: 'nowhere',
  'My/Model': 'sonnet',
};

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
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5-20250929'],
  ['anthropic/claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
  ['anthropic/claude-opus-9.1-20300101', 'claude-opus-9-1-20300101'],
  ['anthropic:claude-sonnet-4-5', 'claude-sonnet-4-5'],
  ['openrouter/anthropic/claude-opus-9', 'claude-opus-9'],
  ['openai/sonnet', 'claude-sonnet-4-5'],
  ['openai/gpt-4o', 'claude-sonnet-4-5'],
  ['claude-code/sonnet', 'claude-sonnet-4-5'],
  ['bedrock/us.anthropic.claude-opus-9-v1:0', 'us.anthropic.claude-opus-9-v1:0'],
  ['vertex_ai/claude-opus-9@20300101', 'claude-opus-9@20300101'],
  ['SONNET', 'claude-sonnet-4-5'],
  ['Claude-Opus-9', 'claude-opus-9'],
  ['Anthropic/Claude-Sonnet-4-5[1M]', 'claude-sonnet-4-5[1m]'],
  ['GPT-4O', 'claude-sonnet-4-5'],
  ['my/model', 'claude-sonnet-4-5'],
];
for (const [requested, cliModel] of FOUND) {
  test(`${requested} is ${cliModel}`, async () => {
    const found = await resolver().resolve(requested);
    assert.deepEqual([found.requested, found.cliModel], [requested, cliModel]);
  });
}

const NO_MODELS = [
  'gpt-4', 'lost', 'toString', 'claude', 'claude-x --flag', 'xclaude-opus-4', '../claude-x', '/sonnet', 'a/../sonnet',
  'openai/gpt-4', 'anthropic/', 'anthropic//sonnet', '-/sonnet', 'sonnet/',
]; // prettier-ignore
for (const requested of NO_MODELS) {
  test(`${requested} is no model`, async () => {
    await assert.rejects(resolver().resolve(requested), { status: 404, code: 'model_not_found', param: 'model' });
  });
}

test('a name without end is no model, and is not repeated whole', async () => {
  const name = `${'a/'.repeat(1_000_000)}sonnet`;
  await assert.rejects(resolver().resolve(name), ({ message }: Error) => message.length < 1000);
});

for (const snapshot of ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5@20250929', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic/claude-sonnet-4-5-latest']) {
  test(`${snapshot} can do what its model can do, and stays what it is`, async () => {
    const { catalogue, cliModel } = await resolver().resolve(snapshot);
    assert.equal(catalogue?.resolvedModel, 'claude-sonnet-4-5');
    assert.notEqual(cliModel, 'claude-sonnet-4-5');
  });
} // prettier-ignore

test('a model that the CLI does not list is no snapshot of another one', async () => {
  for (const id of ['claude-sonnet-4-5-2025', 'claude-sonnet-4-50', 'claude-sonnet-4-5[1m]', 'claude-sonnet-4'])
    assert.equal((await resolver().resolve(id)).catalogue, undefined, id);
});

test('before the CLI has told its models a full id passes, and any other name is to be asked for again', async () => {
  const starting = resolver({ catalogue: [] });
  assert.equal((await starting.resolve('claude-opus-9')).cliModel, 'claude-opus-9');
  await assert.rejects(starting.resolve('sonnet'), { status: 503, code: 'starting', retryAfterSeconds: 1 });
});

test('when the CLI cannot tell its models, what stands in the way is said', async () => {
  const missing = resolver({ catalogue: [], problem: { code: 'cli-not-found', message: '/opt/claude' } });
  await assert.rejects(missing.resolve('sonnet'), { status: 500, code: 'cli_not_found' });
  const old = resolver({ catalogue: [], problem: { code: 'cli-version', message: '/opt/claude is too old' } });
  await assert.rejects(old.resolve('sonnet'), (error: Error & { code: string }) => {
    assert.equal(error.code, 'cli_version');
    return !error.message.includes('/opt');
  }); // prettier-ignore
});
