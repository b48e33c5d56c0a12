// Guarantee: the tools that the model is given are exactly the client's, or the request is refused; none is dropped.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { ToolChoice, ToolDefinition } from '../../claude-cli/turn/turn.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapToolChoice } from './map-tool-choice.ts';
import { mapTools } from './map-tools.ts';

function parse(body: object): ChatCompletionRequest {
  return parseChatCompletionRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...body });
}

const tool = (name: string, more: object = {}): object => ({ type: 'function', function: { name, ...more } });
const withParameters = (parameters: object): ToolDefinition[] =>
  mapTools(parse({ tools: [tool('f', { parameters })] }));
const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });

const KEPT: Record<string, object> = {
  'nested objects, lists and enumerations': object({ a: object({ b: { type: 'array', items: { enum: [1, 'x', null] } } }) }, { required: ['a'] }),
  'several types': object({ a: { type: ['string', 'null'] } }),
  'references, recursive ones too': object({ a: { $ref: '#/$defs/n' }, b: { $ref: '#' } }, { $defs: { n: { type: 'string' } } }),
  'combinations below the top': object({ a: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null } }),
  'older definitions': object({ a: { $ref: '#/definitions/n' } }, { definitions: { n: {} }, $schema: 'http://json-schema.org/draft-07/schema#' }),
  'descriptions in any script': object({ a: { description: 'größe 🎈\n"q"' } }),
  'names that the model knows by others': object({ $top: object({ ü: {} }), 'a b': {}, ['k'.repeat(65)]: {} }),
  'keywords and formats that nobody knows': object({ a: { type: 'string', format: 'zzz', 'x-y': 1, nullable: true } }),
  'patterns of another language': object({ a: { type: 'string', pattern: '(?P<x>a)' } }),
  'schemas that are true or false': object({ a: true, b: false }, { additionalProperties: false }),
}; // prettier-ignore
for (const [what, parameters] of Object.entries(KEPT)) {
  test(`a schema with ${what} is given as it is`, () => {
    assert.deepEqual(withParameters(parameters)[0]?.inputSchema, parameters);
  });
}

const draft = (name: string): string => `http://json-schema.org/${name}/schema#`;
const FORWARD: [what: string, older: object, newer: object][] = [
  ['draft-04', object({ a: { type: 'number', minimum: 0, exclusiveMinimum: true } }, { $schema: draft('draft-04'), id: 'http://x.example/' }), object({ a: { type: 'number', exclusiveMinimum: 0 } })],
  ['draft-06', object({ a: { $ref: '#a' } }, { $schema: draft('draft-06'), definitions: { a: { $id: '#a', type: 'string' } } }), object({ a: { $ref: '#a' } }, { definitions: { a: { type: 'string', $anchor: 'a' } } })],
  ['draft-07', object({ a: { type: 'array', items: [{}, {}], additionalItems: false } }, { $schema: draft('draft-07'), dependencies: { a: ['b'] } }), object({ a: { type: 'array', prefixItems: [{}, {}], items: false } }, { dependentRequired: { a: ['b'] }, dependentSchemas: {} })],
  ['2019-09', object({ a: { $recursiveRef: '#' } }, { $schema: 'https://json-schema.org/draft/2019-09/schema', $recursiveAnchor: true }), object({ a: { $ref: '#' } })],
]; // prettier-ignore
for (const [what, older, newer] of FORWARD) {
  test(`a schema of ${what} is brought forward to 2020-12`, () => {
    assert.deepEqual(withParameters(older)[0]?.inputSchema, newer);
  });
}

test('schemas that have to be rewritten are refused where they have too many parts, others are not', () => {
  const parts = (name: string): object => object({ a: { anyOf: Array.from({ length: 6_000 }, () => ({})) }, [name]: {} });
  const tools = (name: string): ToolDefinition[] => mapTools(parse({ tools: ['f', 'g'].map((tool_) => tool(tool_, { parameters: parts(name) })) })); // prettier-ignore
  assert.equal(tools('b').length, 2);
  assert.throws(() => tools('$b'), { status: 400, param: 'tools[1].function.parameters', code: 'invalid_function_parameters' });
}); // prettier-ignore

test('a function without parameters takes an empty object', () => {
  for (const more of [{}, { parameters: null }, { parameters: {} }]) {
    assert.deepEqual(mapTools(parse({ tools: [tool('f', more)] })), [
      { name: 'f', inputSchema: { type: 'object', properties: {} } },
    ]);
  }
  assert.deepEqual(withParameters({ properties: {} })[0]?.inputSchema, { type: 'object', properties: {} });
});

// The CLI leaves out a tool with any of these, and for some of them every other tool too.
const REFUSED: [what: string, parameters: object, place: string][] = [
  ['another type than object', { type: 'string' }, '.type'],
  ['a type that is none', object({ a: { type: 'int' } }), '.properties.a.type'],
  ['a type that is none, further down', object({ a: object({ b: { type: 'none' } }) }), '.properties.a.properties.b.type'],
  ['a list of required names that is no list', object({}, { required: 'a' }), '.required'],
  ['required names twice', object({ a: {} }, { required: ['a', 'a'] }), '.required'],
  ['required inside a property', object({ a: { required: true } }), '.properties.a.required'],
  ['a property that is null', object({ a: null }), '.properties.a'],
  ['properties that are a list', { type: 'object', properties: [] }, '.properties'],
  ['null for a keyword', object({ a: { description: null } }), '.properties.a.description'],
  ['a list of items that are no schemas', object({ a: { items: [5] } }), '.properties.a.prefixItems[0]'],
  ['exclusiveMinimum that is no number', object({ a: { exclusiveMinimum: 'x' } }), '.properties.a.exclusiveMinimum'],
  ['no alternatives', object({ a: { anyOf: [] } }), '.properties.a.anyOf'],
  ['an alternative that is no schema', object({ a: { anyOf: [{}, 1] } }), '.properties.a.anyOf[1]'],
  ['alternatives at the top', object({ a: {} }, { anyOf: [{ required: ['a'] }] }), '.anyOf'],
  ['a combination at the top', object({ a: {} }, { allOf: [{}] }), '.allOf'],
]; // prettier-ignore
for (const [what, parameters, place] of REFUSED) {
  test(`a schema with ${what} is refused and its place is named`, () => {
    for (const _again of [1, 2]) {
      assert.throws(
        () => withParameters(parameters),
        (error: GatewayError) =>
          error.status === 400 &&
          error.code === 'invalid_function_parameters' &&
          error.param === `tools[0].function.parameters${place}`,
      );
    }
  });
}

test('names that clash, and functions beside tools, are refused', () => {
  assert.throws(() => mapTools(parse({ tools: [tool('f'), tool('f')] })), { status: 400, param: 'tools[1].function.name' });
  assert.throws(() => mapTools(parse({ tools: [tool('f')], functions: [{ name: 'g' }] })), { status: 400, param: 'functions' });
}); // prettier-ignore

const two = { tools: [tool('f'), tool('g')] };
const named = { type: 'function', function: { name: 'g' } };
const allowed = (mode: string, ...names: string[]): object => ({
  type: 'allowed_tools',
  allowed_tools: { mode, tools: names.map((name) => ({ type: 'function', function: { name } })) },
});
const legacy = { functions: [{ name: 'f', description: 'd' }, { name: 'g' }] };
const CHOICES: [body: object, choice: ToolChoice | undefined][] = [
  [{}, undefined],
  [{ tool_choice: 'none' }, undefined],
  [{ tools: [], tool_choice: 'auto' }, undefined],
  [two, undefined],
  [{ ...two, tool_choice: 'auto' }, undefined],
  [{ ...two, parallel_tool_calls: true }, undefined],
  [{ ...two, parallel_tool_calls: false }, { type: 'auto', disableParallelToolUse: true }],
  [{ ...two, tool_choice: 'none', parallel_tool_calls: false }, { type: 'none' }],
  [{ ...two, tool_choice: 'required' }, { type: 'any' }],
  [{ ...two, tool_choice: named }, { type: 'tool', name: 'g' }],
  [{ ...two, tool_choice: named, parallel_tool_calls: false }, { type: 'tool', name: 'g', disableParallelToolUse: true }],
  [{ ...two, tool_choice: allowed('auto', 'g') }, undefined],
  [{ ...two, tool_choice: allowed('required', 'g') }, { type: 'any' }],
  [legacy, { type: 'auto', disableParallelToolUse: true }],
  [{ ...legacy, function_call: 'none' }, { type: 'none' }],
  [{ ...legacy, function_call: { name: 'g' } }, { type: 'tool', name: 'g', disableParallelToolUse: true }],
]; // prettier-ignore
for (const [body, choice] of CHOICES) {
  test(`${JSON.stringify(body)} is the choice ${JSON.stringify(choice)}`, () => {
    assert.deepEqual(mapToolChoice(parse(body)), choice);
  });
}

test('allowed_tools offers these tools alone', () => {
  const names = (body: object): string[] => mapTools(parse(body)).map(({ name }) => name);
  assert.deepEqual(names({ ...two, tool_choice: allowed('auto', 'g') }), ['g']);
  assert.deepEqual(names(two), ['f', 'g']);
  assert.deepEqual(names(legacy), ['f', 'g']);
});

for (const [body, param] of [
  [{ tool_choice: 'required' }, 'tool_choice'],
  [{ tools: [], tool_choice: named }, 'tool_choice'],
  [{ function_call: { name: 'g' } }, 'function_call'],
  [{ tools: [tool('f')], tool_choice: named }, 'tool_choice'],
  [{ tools: [tool('f')], tool_choice: allowed('auto', 'f', 'g') }, 'tool_choice'],
  [{ functions: [{ name: 'f' }], function_call: { name: 'g' } }, 'function_call'],
] as const) {
  test(`${JSON.stringify(body)} chooses what is not there and is refused`, () => {
    assert.throws(() => mapToolChoice(parse(body)), { status: 400, param });
  });
}
