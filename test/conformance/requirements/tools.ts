import { proof, type Requirement, type Section } from './requirement.ts';

const MAP = 'src/chat/request/map-tools.spec.ts';
const NAMES = 'src/turns/property-names/property-names.spec.ts';
const E2E = 'test/e2e/tool-schemas.spec.ts';

/** Tools that are refused, and what to write instead. */
function refused(id: string, name: string, how: string, ...titles: string[]): Requirement {
  return {
    id: `tools.${id}`,
    name,
    verdict: 'refused',
    how,
    source: 'schema FunctionObject.parameters',
    proofs: [proof(MAP, ...titles)],
  };
}

export const TOOLS: Section = {
  title: 'Tools',
  introduction: `The model gets each tool as the client wrote it, except for what the Messages API does not accept and this service translates.
A schema that cannot be translated gets 400 \`invalid_function_parameters\`, whose \`param\` is the place in the schema; the CLI would
drop the tool silently.`,
  requirements: [
    {
      id: 'tools.parameters',
      name: '`parameters`',
      verdict: 'supported',
      how: 'JSON Schemas of type `object` that are valid in draft 2020-12, whatever `$schema` says: with references, combinations below the top level, unknown keywords',
      source: 'schema FunctionObject.parameters',
      proofs: [
        proof(
          MAP,
          'a schema with references, recursive ones too is given as it is',
          'a schema with combinations below the top is given as it is',
          'a schema with older definitions is given as it is',
          'a schema with keywords and formats that nobody knows is given as it is',
        ),
      ],
    },
    {
      id: 'tools.parameters.absent',
      name: 'no `parameters`, or empty ones',
      verdict: 'supported',
      how: 'a function that takes an empty object',
      source: 'schema FunctionObject.parameters',
      proofs: [proof(MAP, 'a function without parameters takes an empty object')],
    },
    {
      id: 'tools.numbers',
      name: 'numbers in a schema that JavaScript (and so the CLI) would change: 12345678901234567890, 1e400',
      verdict: 'supported',
      how: 'in `enum`, `const`, `default` and `examples` they become strings with the same digits, and `type` allows strings. A bound (`maximum`, ...) becomes the nearest number, and is named as ignored. In a `response_format`, such a value in `enum` or `const` gets 400 `invalid_json_schema`',
      source: 'schema FunctionObject.parameters',
      proofs: [
        proof(
          'src/turns/numbers/keep-digits.spec.ts',
          '${what} in the schema of a tool is told as ${told}',
          'a value that an answer could not have is refused in the format of an answer, and a bound is named',
          'the schemas of other forms are told in the same way',
        ),
        proof(
          'test/e2e/foreign-forms.spec.ts',
          'numbers of a schema keep their digits, or are named, on their way to the model',
        ),
      ],
    },
    refused(
      'combinations',
      '`anyOf`, `oneOf`, `allOf` at the top level',
      '400 `invalid_function_parameters`; use a property that contains them',
      'a schema with alternatives at the top is refused and its place is named',
      'a schema with a combination at the top is refused and its place is named',
    ),
    {
      id: 'tools.property-names',
      name: 'property names other than 1 to 64 letters, digits, `_`, `.`, `-`, for example `$top`, `filter[id]`, `@x`',
      verdict: 'supported',
      how: 'the model gets `_top`, `filter_id_`, `_x`, with the original name as the title: everywhere in the schema, in `required` and similar keywords, and in the calls of the history. Calls return with the original names, whole and streamed. If a name is taken, the service adds `_2` and so on. Other tools stream unchanged',
      source: 'guide Messages API: property keys match ^[a-zA-Z0-9_.-]{1,64}$',
      proofs: [
        proof(
          E2E,
          'names that the Messages API refuses are others for the model, and the client’s in its calls, in deltas of ${deltaLength}',
          'calls of the history have the names that the model knows, and go on on the same process',
          'a stored conversation holds the client’s names, and is known to be live',
          'a tool beside it streams as the model gives it, to the character',
        ),
        proof(
          NAMES,
          'what speaks of a property speaks of its new name, and the title says what the client calls it',
          'no name clashes with one that is only required, or that another schema of the document has',
          'in a stream everything but the names stays as it is, to the character',
        ),
      ],
    },
    {
      id: 'tools.old-drafts',
      name: 'schemas of draft-04 to 2019-09',
      verdict: 'supported',
      how: 'converted to 2020-12: `exclusiveMinimum: true`, a list as `items`, `additionalItems`, `dependencies`, `id`, `$recursiveRef`, and references to parts that move',
      source: 'guide Messages API: JSON Schema draft 2020-12',
      proofs: [
        proof(MAP, 'a schema of ${what} is brought forward to 2020-12'),
        proof(
          'src/turns/json-schema/bring-forward.spec.ts',
          '${what} is brought forward, wherever it stands',
          'references follow what they refer to',
        ),
        proof(E2E, 'a tool with ${what} is offered in terms of 2020-12'),
      ],
    },
    refused(
      'schema-size',
      'schemas that need a conversion or renaming, with more than 10,000 parts in all tools together',
      '400 `invalid_function_parameters`; use schemas of draft 2020-12, with property names that need no renaming',
      'schemas that have to be rewritten are refused where they have too many parts, others are not',
    ),
    refused(
      'invalid',
      'keywords that no draft since draft-04 allows: `required: true` in a property, `null` as a value, unknown types',
      '400 `invalid_function_parameters`; write `required` as a list of names, and leave the others out',
      'a schema with required inside a property is refused and its place is named',
      'a schema with null for a keyword is refused and its place is named',
      'a schema with a type that is none is refused and its place is named',
    ),
    {
      id: 'tools.refused-upstream',
      name: 'a schema that the Messages API still refuses',
      verdict: 'refused',
      how: "400 `invalid_function_parameters` with the function's name, its place in the request and the message of the Messages API",
      source: 'schema ErrorResponse',
      proofs: [
        proof(
          E2E,
          'a schema that is refused all the same is named by its place in the request, wherever the CLI has put it',
          'a tool of the operator that is refused is not taken for one of the client',
        ),
        proof('src/answers/to-gateway-error.spec.ts', 'the refusal "${detail}" names the tool'),
      ],
    },
    refused(
      'names',
      'two tools with one name; `tools` beside `functions`',
      '400; `param` is the name of the second tool, or `functions`',
      'names that clash, and functions beside tools, are refused',
    ),
    {
      id: 'tools.count',
      name: 'more than 128 tools; function names other than 1 to 64 letters, digits, `_`, `-`',
      verdict: 'refused',
      how: '400 `array_above_max_length`, `invalid_value`',
      source: 'schema FunctionObject.name',
      proofs: [proof('src/chat/request/dto/chat-completion-request.spec.ts', 'refused: ${message}')],
    },
    {
      id: 'tools.choice-of-nothing',
      name: 'a `tool_choice` that names no tool of the request, or forces a call without tools',
      verdict: 'refused',
      how: '400; `param` is `tool_choice` or `function_call`',
      source: 'schema ChatCompletionToolChoiceOption',
      proofs: [proof(MAP, '${JSON.stringify(body)} chooses what is not there and is refused')],
    },
    {
      id: 'tools.order',
      name: 'names and order of tools',
      verdict: 'supported',
      how: "the model gets the client's function names behind a prefix, and the tools in the order of their names; clients see only their own names",
      source: 'schema FunctionObject.name',
      proofs: [
        proof(
          'test/contract/live-settings.spec.ts',
          'tools arrive as they are, sorted by prefixed name, and can be swapped and taken away live',
        ),
      ],
    },
  ],
};
