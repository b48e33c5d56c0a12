import * as fc from 'fast-check';
import { anything, brokenFields } from './broken-fields.ts';

const { mostly, seldom } = brokenFields(2);

const text = fc.oneof(fc.string(), fc.constant(''), fc.constant('hello'));
const id = fc.constantFrom('toolu_1', 'toolu_2', 'a:b', '');
const textBlock = fc.record({ type: fc.constant('text'), text: mostly(text), cache_control: seldom(anything) });
const source = fc.oneof(
  fc.record({ type: fc.constant('base64'), media_type: mostly(fc.constant('image/png')), data: mostly(text) }),
  fc.record({ type: fc.constant('url'), url: mostly(fc.constant('https://a.test/b.png')) }),
  fc.record({ type: fc.constant('text'), media_type: fc.constant('text/plain'), data: mostly(text) }),
  fc.record({ type: fc.constant('content'), content: mostly(fc.oneof(text, fc.array(textBlock, { maxLength: 2 }))) }),
  fc.record({ type: mostly(fc.constantFrom('file', 'nothing')), file_id: mostly(text) }),
);
const media = fc.record({ type: fc.constantFrom('image', 'document'), source: mostly(source), title: seldom(text) });
const searchResult = fc.record({
  type: fc.constant('search_result'),
  title: mostly(text),
  source: mostly(text),
  content: mostly(fc.array(textBlock, { maxLength: 2 })),
});
const toolResult = fc.record({
  type: fc.constant('tool_result'),
  tool_use_id: mostly(id),
  content: mostly(fc.oneof(text, fc.array(fc.oneof(textBlock, media, searchResult), { maxLength: 2 }))),
  is_error: seldom(fc.boolean()),
});
const toolUse = fc.record({
  type: fc.constant('tool_use'),
  id: mostly(id),
  name: mostly(fc.constantFrom('f', 'bad name')),
  input: anything,
});
const thinking = fc.oneof(
  fc.record({ type: fc.constant('thinking'), thinking: mostly(text), signature: mostly(text) }),
  fc.record({ type: fc.constant('redacted_thinking'), data: mostly(text) }),
);
const other = fc.record({ type: mostly(fc.constantFrom('server_tool_use', 'web_search_tool_result')), id: anything });
const block = fc.oneof(
  { weight: 8, arbitrary: textBlock },
  { weight: 2, arbitrary: toolResult },
  { weight: 2, arbitrary: toolUse },
  { weight: 1, arbitrary: media },
  { weight: 1, arbitrary: searchResult },
  { weight: 1, arbitrary: thinking },
  { weight: 1, arbitrary: other },
);
const content = fc.oneof({ weight: 3, arbitrary: text }, { weight: 2, arbitrary: fc.array(block, { maxLength: 3 }) });
const message = fc.record({
  role: mostly(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom('user', 'assistant') }, { weight: 1, arbitrary: fc.constant('system') }),
  ),
  content: mostly(content),
}); // prettier-ignore
const tool = fc.oneof(
  fc.record({
    name: mostly(fc.constantFrom('f', 'g', 'bad name')),
    input_schema: mostly(fc.constantFrom({ type: 'object' }, { type: 'array' }, {}, { $ref: '#/x' })),
    description: seldom(text),
  }),
  fc.record({ type: mostly(fc.constantFrom('custom', 'web_search_20250305')), name: mostly(fc.constant('web_search')) }),
); // prettier-ignore

/** Bodies of the Messages API, most of them broken in some place. */
export function messagesBodies(model: string): fc.Arbitrary<object> {
  return fc.record(
    {
      model: mostly(fc.constant(model)),
      max_tokens: mostly(fc.constantFrom(1, 5000)),
      messages: mostly(fc.array(mostly(message), { maxLength: 5 })),
      system: seldom(fc.oneof(text, fc.array(textBlock, { maxLength: 2 }))),
      stream: seldom(fc.boolean()),
      temperature: seldom(fc.double({ min: 0, max: 1, noNaN: true })),
      top_p: seldom(fc.double({ min: 0, max: 1, noNaN: true })),
      top_k: seldom(fc.nat(100)),
      stop_sequences: seldom(fc.array(fc.constantFrom('END', '', ' '), { maxLength: 3 })),
      tools: seldom(fc.array(tool, { maxLength: 3 })),
      tool_choice: seldom(
        fc.record({
          type: mostly(fc.constantFrom('auto', 'any', 'tool', 'none')),
          name: mostly(fc.constantFrom('f', 'web_search')),
          disable_parallel_tool_use: seldom(fc.boolean()),
        }),
      ),
      thinking: seldom(
        fc.record({
          type: mostly(fc.constantFrom('enabled', 'disabled', 'adaptive')),
          budget_tokens: mostly(fc.constantFrom(100, 2000, 8000)),
        }),
      ),
      output_config: seldom(
        fc.record({
          effort: seldom(fc.constantFrom('low', 'max', 'huge')),
          format: seldom(
            fc.record({
              type: mostly(fc.constant('json_schema')),
              schema: mostly(fc.constantFrom({ type: 'object' }, { type: 'nothing' })),
            }),
          ),
        }),
      ),
      metadata: seldom(fc.record({ user_id: text })),
      service_tier: seldom(fc.constantFrom('auto', 'standard_only')),
      container: seldom(text),
      mcp_servers: seldom(fc.constant([])),
      context_management: seldom(fc.constant({})),
      [`unknown\n"ü`]: seldom(anything),
    },
    { requiredKeys: ['model'] },
  );
}
