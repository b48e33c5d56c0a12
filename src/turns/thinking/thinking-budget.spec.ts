// Guarantee: a model that thinks within a budget thinks more at each higher level, and always has room left for its answer.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { thinkingBudget, thinkingKind, type ThinkingKind } from './thinking-budget.ts';

const KINDS: Record<ThinkingKind, string[]> = {
  none: ['claude-3-haiku-20240307', 'claude-3-5-haiku-20241022', 'claude-3-opus-latest', 'claude-2.1', 'claude-instant-1.2', 'anthropic.claude-3-5-sonnet-20240620-v1:0'],
  budget: [
    'claude-3-7-sonnet-20250219', 'claude-sonnet-4-20250514', 'claude-opus-4-0', 'claude-opus-4-1', 'claude-opus-4-1-20250805',
    'claude-sonnet-4-5', 'claude-haiku-4-5-20251001', 'claude-sonnet-4-5@20250929', 'claude-sonnet-4-5[1m]', 'claude-opus-4-5',
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  effort: ['claude-opus-4-6', 'claude-sonnet-5', 'claude-sonnet-5-5', 'claude-haiku-10-1', 'claude-opus-5-20270101', 'sonnet', 'anything'],
}; // prettier-ignore
for (const [kind, ids] of Object.entries(KINDS)) {
  for (const id of ids) test(`${id} is of the kind ${kind}`, () => assert.equal(thinkingKind(id), kind));
}

const LEVELS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;

test('each level has a higher budget than the one below it, at least 1024 and below the limit of the answer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1040, max: 200_000 }), (limit) => {
      const budgets = LEVELS.map((level) => thinkingBudget(level, limit));
      assert.ok(budgets.every((budget, index) => budget >= 1024 && budget < limit && (index === 0 || budget > (budgets[index - 1] ?? limit)))); // prettier-ignore
    }),
  );
});

test('without a limit there is room for an answer of 8,000 tokens within the limit that the CLI sets', () => {
  for (const level of LEVELS) assert.ok(thinkingBudget(level) <= 32_000 - 8_000);
});
