import * as fc from 'fast-check';
import { anything, brokenFields } from './broken-fields.ts';

const { mostly, seldom } = brokenFields(4);

const text = fc.oneof(fc.string(), fc.constant(''), fc.constant('@/etc/passwd'));
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text: mostly(text) }),
  fc.record({ type: mostly(fc.constantFrom('image_url', 'file', 'input_audio', 'refusal', 'video')) }),
  fc.record({ type: fc.constantFrom('input_text', 'output_text'), text: mostly(text) }),
  fc.record({ type: fc.constant('tool_use'), id: mostly(fc.constantFrom('a', 'b')), name: mostly(fc.constant('f')), input: anything }),
  fc.record({ type: fc.constant('tool_result'), tool_use_id: mostly(fc.constantFrom('a', 'b')), content: mostly(text) }),
  fc.record({ type: fc.constantFrom('thinking', 'image', 'document', 'input_image', 'search_result'), source: anything }),
); // prettier-ignore
const content = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.array(part, { maxLength: 3 }) });
const id = fc.constantFrom('a', 'b', 'c:d', '');
const call = fc.record({
  id: mostly(id),
  type: mostly(fc.constant('function')),
  function: mostly(
    fc.record({ name: fc.constantFrom('f', 'bad name'), arguments: fc.constantFrom('{}', '{"a":1}', '[', '1', '') }),
  ),
});
const said = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text });
/** A message, broken in some place now and then. */
export const message = fc.oneof(
  { weight: 8, arbitrary: said },
  fc.record({
    role: mostly(fc.constantFrom('system', 'developer', 'user')),
    content: mostly(content),
    name: mostly(text),
  }),
  fc.record({
    role: fc.constant('assistant'),
    content: mostly(content),
    tool_calls: mostly(fc.array(call, { maxLength: 2 })),
  }),
  fc.record({ role: fc.constant('tool'), tool_call_id: mostly(id), content: mostly(content) }),
  fc.record({ role: fc.constant('function'), name: mostly(fc.constant('f')), content: mostly(text) }),
);
const tool = fc.oneof({ weight: 3, arbitrary: openAiTool() }, { weight: 1, arbitrary: flatTool() });
/** An item of the Responses API. */
const item = fc.oneof(
  message,
  fc.record({ type: fc.constant('function_call'), call_id: mostly(id), name: mostly(fc.constant('f')), arguments: mostly(text) }),
  fc.record({ type: fc.constant('function_call_output'), call_id: mostly(id), output: mostly(content) }),
  fc.record({ type: mostly(fc.constantFrom('reasoning', 'item_reference')) }),
); // prettier-ignore
function openAiTool(): fc.Arbitrary<object> {
  return fc.record({
    type: mostly(fc.constantFrom('function', 'custom')),
    function: mostly(
      fc.record({
        name: mostly(fc.constantFrom('f', 'g', 'bad name')),
        parameters: mostly(fc.object({ maxDepth: 2 })),
      }),
    ),
  });
}
/** As Anthropic and the Responses API have it. */
function flatTool(): fc.Arbitrary<object> {
  return fc.record(
    {
      type: mostly(fc.constantFrom('function', 'custom', 'web_search')),
      name: mostly(fc.constantFrom('f', 'g')),
      input_schema: mostly(fc.constantFrom({ type: 'object' }, { type: 'array' }, {})),
      parameters: mostly(fc.constant({ type: 'object' })),
    },
    { requiredKeys: ['name'] },
  );
}
/** Bodies of chat completions, most of them broken in some place. */
export function requestBodies(model: string): fc.Arbitrary<object> {
  return fc.record(
    {
      model: mostly(fc.constant(model)),
      messages: fc.oneof(
        { weight: 9, arbitrary: mostly(fc.array(mostly(message), { maxLength: 5 })) },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
      temperature: seldom(fc.double({ min: 0, max: 2, noNaN: true })),
      stop: seldom(fc.oneof(fc.constant('x'), fc.array(fc.constantFrom('END', 'x', ''), { maxLength: 4 }))),
      max_tokens: seldom(fc.integer({ min: 1, max: 10 })),
      n: seldom(fc.constant(1)),
      stream: seldom(fc.boolean()),
      metadata: seldom(fc.dictionary(fc.string(), anything)),
      reasoning_effort: seldom(fc.constantFrom('none', 'low', 'max')),
      tools: seldom(fc.array(tool, { maxLength: 3 })),
      tool_choice: seldom(
        fc.oneof(
          fc.constantFrom('none', 'auto', 'required'),
          fc.constant({ type: 'function', function: { name: 'f' } }),
          fc.record({
            type: mostly(fc.constantFrom('auto', 'any', 'tool', 'function')),
            name: mostly(fc.constant('f')),
          }),
        ),
      ),
      system: seldom(content),
      input: seldom(fc.oneof(text, fc.array(item, { maxLength: 4 }))),
      thinking: seldom(
        fc.record({
          type: mostly(fc.constantFrom('enabled', 'disabled', 'adaptive')),
          budget_tokens: mostly(fc.constant(5000)),
        }),
      ),
      reasoning: seldom(fc.record({ effort: mostly(fc.constantFrom('low', 'max')) })),
      stop_sequences: seldom(fc.array(fc.constantFrom('END', ''), { maxLength: 3 })),
      max_output_tokens: seldom(fc.integer({ min: 1, max: 10 })),
      text: seldom(
        fc.record({
          format: mostly(
            fc.record({
              type: mostly(fc.constantFrom('text', 'json_object', 'json_schema')),
              name: mostly(fc.constant('n')),
            }),
          ),
        }),
      ),
      function_call: seldom(fc.constantFrom('none', 'auto')),
      functions: seldom(fc.array(fc.record({ name: mostly(fc.constant('f')) }), { maxLength: 2 })),
      response_format: seldom(fc.constant({ type: 'text' })),
      logit_bias: seldom(fc.constant({})),
      [`unknown\n"ü`]: anything,
    },
    { requiredKeys: ['model'] },
  );
}

/** Whether a path leads to a field of the body; with `isMissing` the field itself need not be there. */
export function leadsSomewhere(value: unknown, path: string, isMissing: boolean): boolean {
  // The keys of these tables are the client's own and may hold anything.
  if (/^(?:logit_bias|metadata)\./.test(path)) return true;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  let place = value;
  for (const step of isMissing ? steps.slice(0, -1) : steps) {
    if (typeof place !== 'object' || place === null || !(step in place)) return false;
    place = (place as Record<string, unknown>)[step];
  }
  return steps.length > 0;
}

/** A request with a little of everything. */
export const VALID_BODY = JSON.stringify({
  model: 'sonnet',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'ünï\\"🎈\n' }] }],
  temperature: 0.5,
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
});
/** One change of the bytes at a place between 0 and 1 of their length. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  removed: fc.nat(3),
  inserted: fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom('"', '{', ']', '\\', '\u0000', ',', '\\ud800').map((text) => Buffer.from(text)),
  ),
});

/** The bytes of a body with one to three changes. */
export function damagedBytes(body: string): fc.Arbitrary<Buffer> {
  return fc.array(damage, { minLength: 1, maxLength: 3 }).map((damages) => {
    let bytes = Buffer.from(body);
    for (const { at, removed, inserted } of damages) {
      const place = Math.floor(at * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place + removed)]);
    }
    return bytes;
  });
}

/** The bytes of a valid body with one to three changes. */
export const damagedBodies = damagedBytes(VALID_BODY);
