// Guarantee: no token is counted twice or lost between the counts of the Messages API and those of OpenAI.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { assertMatchesSchema } from '../../test/support/openai-schema.ts';
import { mapUsage } from './map-usage.ts';

test('the prompt counts what was read from and written to the cache; thinking is a part of the completion', () => {
  const usage = mapUsage({
    inputTokens: 10,
    cacheReadTokens: 200,
    cacheWriteTokens: 3000,
    outputTokens: 50,
    thinkingTokens: 20,
  });
  assertMatchesSchema('CompletionUsage', usage);
  assert.deepEqual(usage, {
    prompt_tokens: 3210,
    completion_tokens: 50,
    total_tokens: 3260,
    prompt_tokens_details: { cached_tokens: 200, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 20,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  });
});
