// Guarantee: a prompt is one text, whatever its form, and what is none is refused by the name of its field.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { completionBodies } from '../../../test/support/completion-bodies.ts';
import { leadsSomewhere } from '../../../test/support/request-bodies.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { parseCompletionRequest } from './completion-request.ts';
import { toTurn } from './to-turn.ts';

const parse = (more: object): ReturnType<typeof parseCompletionRequest> =>
  parseCompletionRequest({ model: 'm', prompt: 'x', ...more });

test('a list of one prompt is this prompt', () => {
  assert.equal(parse({ prompt: ['a\n'] }).prompt, 'a\n');
});

for (const [what, body, param, code] of [
  ['no prompt', { prompt: undefined }, 'prompt', 'missing_required_parameter'],
  ['a prompt that is null', { prompt: null }, 'prompt', 'invalid_type'],
  ['a prompt of tokens', { prompt: [1, 2] }, 'prompt', 'unsupported_parameter'],
  ['prompts of tokens', { prompt: [[1], [2]] }, 'prompt', 'unsupported_parameter'],
  ['two prompts', { prompt: ['a', 'b'] }, 'prompt', 'unsupported_parameter'],
  ['an empty list', { prompt: [] }, 'prompt', 'empty_array'],
  ['a list of something else', { prompt: [{}] }, 'prompt[0]', 'invalid_type'],
  ['an empty prompt', { prompt: '' }, 'prompt', 'empty_string'],
  ['a prompt and a suffix of white space', { prompt: [' '], suffix: '\n' }, 'prompt', 'empty_string'],
  ['no tokens at all', { max_tokens: 0 }, 'max_tokens', 'number_below_min_value'],
  ['five stop sequences', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'array_above_max_length'],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => parse(body),
      (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual([error.status, error.param, error.code], [400, param, code]);
        return true;
      },
    );
  });
}

test('a prompt of white space before a suffix is taken', () => {
  assert.equal(parse({ prompt: '', suffix: 'end' }).prompt, '');
});

test('1,000 generated bodies, most of them broken, are understood or refused by a field that is there', () => {
  let understood = 0;
  let refused = 0;
  fc.assert(
    fc.property(completionBodies('m'), fc.boolean(), (generated, isStrict) => {
      // What is undefined would not come over the wire.
      const sent = JSON.parse(JSON.stringify(generated)) as unknown;
      try {
        const model = { requested: 'm', cliModel: 'm' };
        const options = { defaultEffort: 'none', isStrict, hasConversationHeader: false } as const;
        const { turn } = toTurn(parseCompletionRequest(sent), model, options);
        understood += 1;
        assert.ok(turn.message.content.length > 0);
        for (const block of turn.message.content) assert.ok(block.type === 'text' && block.text.trim() !== '');
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        refused += 1;
        assert.equal(error.status, 400);
        assert.ok(
          error.param !== null && leadsSomewhere(sent, error.param, error.code === 'missing_required_parameter'),
          `${error.param}: ${error.message}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(understood > 100 && refused > 300, `${understood} understood, ${refused} refused`);
});
