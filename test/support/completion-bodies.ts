import * as fc from 'fast-check';
import { anything, brokenFields } from './broken-fields.ts';

const { mostly, seldom } = brokenFields(4);

const text = fc.oneof(fc.string(), fc.constantFrom('', ' \n', '@/etc/passwd'));
const prompt = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 2, arbitrary: fc.tuple(text) },
  { weight: 1, arbitrary: fc.array(fc.oneof(text, fc.integer(), anything), { maxLength: 3 }) },
);

/** Bodies of text completions, most of them broken in some place. */
export function completionBodies(model: string): fc.Arbitrary<object> {
  return fc.record({
    model: mostly(fc.constant(model)),
    prompt: mostly(prompt),
    suffix: seldom(text),
    echo: seldom(fc.boolean()),
    stream: seldom(fc.boolean()),
    stream_options: seldom(fc.record({ include_usage: mostly(fc.boolean()) })),
    temperature: seldom(fc.double({ min: 0, max: 2.2, noNaN: true })),
    top_p: seldom(fc.double({ min: 0, max: 1, noNaN: true })),
    max_tokens: seldom(fc.integer({ min: 0, max: 10 })),
    stop: seldom(fc.oneof(fc.constant('x'), fc.array(mostly(fc.constantFrom('END', 'x', '')), { maxLength: 5 }))),
    n: seldom(fc.integer({ min: 0, max: 4 })),
    best_of: seldom(fc.integer({ min: 0, max: 4 })),
    logprobs: seldom(fc.constantFrom(null, 0, 5, 6)),
    presence_penalty: seldom(fc.double({ min: -2, max: 2, noNaN: true })),
    logit_bias: seldom(fc.dictionary(fc.string(), mostly(fc.integer()))),
    seed: seldom(fc.integer()),
    user: seldom(text),
    [`unknown\n"ü`]: anything,
  });
}
