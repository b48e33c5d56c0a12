// Guarantee: the schemas of all tools together are bounded, as tools and as functions.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { GatewayError } from '../../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest } from './chat-completion-request.ts';

const schema = (properties: number, description = ''): object => ({
  type: 'object',
  description,
  properties: Object.fromEntries(Array.from({ length: properties }, (_, index) => [`p${index}`, { type: 'string' }])),
});

function parse(form: 'tools' | 'functions', schemas: readonly object[]): unknown {
  const functions = schemas.map((parameters, index) => ({ name: `f${index}`, parameters }));
  const offered = form === 'functions' ? functions : functions.map((each) => ({ type: 'function', function: each }));
  return parseChatCompletionRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], [form]: offered });
}

for (const form of ['tools', 'functions'] as const) {
  test(`as many ${form} as anybody has are fine`, () => {
    parse(
      form,
      Array.from({ length: 128 }, () => schema(60, 'd'.repeat(1000))),
    );
  });

  test(`one of the ${form} that is too large, or all of them together, are refused`, () => {
    for (const schemas of [
      [schema(20_000)],
      Array.from({ length: 100 }, () => schema(200)),
      [schema(1, 'd'.repeat(4_000_001))],
    ]) {
      const expected = {
        status: 400,
        param: form,
        code: 'invalid_function_parameters',
      } satisfies Partial<GatewayError>;
      assert.throws(() => parse(form, schemas), expected);
    }
  });
}
