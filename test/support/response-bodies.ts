import * as fc from 'fast-check';
import { anything, brokenFields } from './broken-fields.ts';
import { SEALED } from './understand-response.ts';

const { mostly, seldom } = brokenFields(3);

const text = fc.oneof(fc.string(), fc.constant(''));
const id = fc.constantFrom('a', 'b', 'c:d', '');
const part = fc.oneof(
  fc.record({ type: fc.constantFrom('input_text', 'output_text', 'text'), text: mostly(text) }),
  fc.record({ type: fc.constant('refusal'), refusal: mostly(text) }),
  fc.record({ type: fc.constant('input_image'), image_url: mostly(fc.constant('data:image/png;base64,AA==')) }),
  fc.record({ type: mostly(fc.constantFrom('input_file', 'input_audio')), file_data: mostly(text) }),
);
const content = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.array(part, { maxLength: 3 }) });
const item = fc.oneof(
  fc.record({ role: mostly(fc.constantFrom('system', 'developer', 'user', 'assistant')), content: mostly(content) }),
  fc.record({ type: fc.constant('message'), role: fc.constantFrom('user', 'assistant'), content, id: mostly(id) }),
  fc.record({
    type: fc.constantFrom('function_call', 'custom_tool_call'),
    call_id: mostly(id),
    name: mostly(fc.constantFrom('f', 'bad name')),
    namespace: seldom(fc.constant('n')),
    arguments: mostly(fc.constantFrom('{}', '[', '1', '')),
    input: mostly(text),
  }),
  fc.record({
    type: fc.constantFrom('function_call_output', 'custom_tool_call_output'),
    call_id: mostly(id),
    output: mostly(content),
  }),
  fc.record({
    type: fc.constant('reasoning'),
    id: mostly(id),
    summary: mostly(fc.constant([])),
    encrypted_content: seldom(fc.constantFrom(SEALED, SEALED, 'foreign')),
  }),
  fc.record({
    type: mostly(fc.constantFrom('local_shell_call', 'local_shell_call_output', 'compaction', 'additional_tools')),
    action: anything,
  }),
  text,
);
const functionTool = fc.record({
  type: mostly(fc.constant('function')),
  name: mostly(fc.constantFrom('f', 'g', 'bad name')),
  parameters: mostly(fc.constantFrom({ type: 'object' }, { type: 'array' }, { type: 'object', properties: 1 }, {})),
  strict: seldom(fc.boolean()),
});
const customTool = fc.record({
  type: fc.constant('custom'),
  name: mostly(fc.constantFrom('f', 'h')),
  format: seldom(
    fc.record({
      type: mostly(fc.constantFrom('text', 'grammar')),
      syntax: fc.constant('lark'),
      definition: mostly(text),
    }),
  ),
});
const tool = fc.oneof(
  { weight: 3, arbitrary: functionTool },
  customTool,
  fc.record({
    type: fc.constant('namespace'),
    name: mostly(fc.constant('n')),
    tools: mostly(fc.array(fc.oneof(functionTool, customTool), { maxLength: 2 })),
  }),
  fc.record({ type: fc.constantFrom('web_search', 'mcp') }),
);
const chosen = fc.record({
  type: mostly(fc.constantFrom('function', 'custom', 'web_search')),
  name: mostly(fc.constantFrom('f', 'h')),
});

/** Bodies of the Responses API, most of them broken in some place. */
export function responseBodies(model: string): fc.Arbitrary<object> {
  return fc.record({
    model: mostly(fc.constant(model)),
    input: mostly(fc.oneof(text, fc.array(mostly(item), { maxLength: 6 }))),
    instructions: seldom(text),
    previous_response_id: seldom(text),
    conversation: seldom(fc.oneof(text, fc.record({ id: mostly(text) }))),
    store: seldom(fc.boolean()),
    stream: seldom(fc.boolean()),
    include: seldom(
      fc.array(fc.constantFrom('reasoning.encrypted_content', 'message.output_text.logprobs', 'x'), { maxLength: 2 }),
    ),
    tools: seldom(fc.array(tool, { maxLength: 3 })),
    tool_choice: seldom(
      fc.oneof(
        fc.constantFrom('none', 'auto', 'required'),
        chosen,
        fc.record({
          type: fc.constant('allowed_tools'),
          mode: mostly(fc.constantFrom('auto', 'required')),
          tools: mostly(fc.array(chosen, { maxLength: 2 })),
        }),
      ),
    ),
    parallel_tool_calls: seldom(fc.boolean()),
    text: seldom(
      fc.record({
        format: mostly(
          fc.record({
            type: mostly(fc.constantFrom('text', 'json_object', 'json_schema')),
            name: mostly(fc.constant('n')),
            schema: mostly(fc.constantFrom({ type: 'object' }, { type: 1 }, { $ref: '#/x' })),
          }),
        ),
        verbosity: seldom(fc.constantFrom('low', 'medium')),
      }),
    ),
    reasoning: seldom(
      fc.record({ effort: mostly(fc.constantFrom('none', 'low', 'max')), summary: seldom(fc.constant('auto')) }),
    ),
    max_output_tokens: seldom(fc.integer({ min: 1, max: 10 })),
    temperature: seldom(fc.double({ min: 0, max: 2, noNaN: true })),
    top_p: seldom(fc.double({ min: 0, max: 1, noNaN: true })),
    truncation: seldom(fc.constantFrom('auto', 'disabled')),
    metadata: seldom(fc.dictionary(fc.string(), anything)),
    background: seldom(fc.boolean()),
    prompt: seldom(anything),
    max_tool_calls: seldom(fc.integer({ min: 1, max: 3 })),
    [`unknown\n"ü`]: anything,
  });
}
