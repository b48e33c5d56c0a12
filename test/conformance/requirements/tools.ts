import { proof, type Requirement, type Section } from './requirement.ts';

const MAP = 'src/chat/map-tools.spec.ts';

/** A schema that is refused, and what to write instead. */
function refused(id: string, name: string, instead: string, ...titles: string[]): Requirement {
  return {
    id: `tools.${id}`,
    name,
    verdict: 'refused',
    ...(instead && { how: `instead: ${instead}` }),
    source: 'schema FunctionObject.parameters',
    proofs: [proof(MAP, ...titles)],
  };
}

export const TOOLS: Section = {
  title: 'Tools',
  introduction: `A tool reaches the model as the client wrote it, or the request is refused with \`invalid_function_parameters\` and the place in
the schema: the CLI would leave out what it cannot offer without a word.`,
  requirements: [
    {
      id: 'tools.parameters',
      name: '`parameters`',
      verdict: 'supported',
      how: 'JSON Schemas of type object that are valid by draft 2020-12, whatever `$schema` says, with references, combinations below the top and unknown keywords',
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
      name: 'numbers in a schema that JavaScript, and so the CLI, would change (12345678901234567890, 1e400)',
      verdict: 'supported',
      how: 'in `enum`, `const`, `default` and `examples` strings with the same digits, which the `type` then allows; a bound (`maximum`, ...) becomes the nearest number and is named as ignored. In the schema of `response_format` such a value of `enum` or `const` is refused',
      source: 'schema FunctionObject.parameters',
      proofs: [
        proof(
          'src/chat/client-forms/keep-digits.spec.ts',
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
      'a property that holds them',
      'a schema with alternatives at the top is refused and its place is named',
      'a schema with a combination at the top is refused and its place is named',
    ),
    refused(
      'property-names',
      'names of top-level properties other than 1 to 64 letters, digits, `_`, `.`, `-`',
      'plain names, any script in the description',
      'a schema with a name that the API does not take is refused and its place is named',
      'a schema with a name that is too long is refused and its place is named',
      'a schema with names in any script below the top is given as it is',
    ),
    refused(
      'old-drafts',
      'what draft 2020-12 does not have: `exclusiveMinimum: true`, a list as `items`, `required: true` in a property, `null` for a keyword',
      '`exclusiveMinimum: 0`, `prefixItems`, a list of names, leaving it out',
      'a schema with exclusiveMinimum as in draft 4 is refused and its place is named',
      'a schema with a list of items, as in draft 7 is refused and its place is named',
      'a schema with required inside a property is refused and its place is named',
      'a schema with null for a keyword is refused and its place is named',
    ),
    refused(
      'names',
      'two tools with one name, `tools` beside `functions`',
      '',
      'names that clash, and functions beside tools, are refused',
    ),
    {
      id: 'tools.count',
      name: 'more than 128 tools; names other than 1 to 64 letters, digits, `_`, `-`',
      verdict: 'refused',
      source: 'schema FunctionObject.name',
      proofs: [proof('src/chat/dto/chat-completion-request.spec.ts', 'refused: ${message}')],
    },
    {
      id: 'tools.choice-of-nothing',
      name: 'a `tool_choice` of what is not there',
      verdict: 'refused',
      source: 'schema ChatCompletionToolChoiceOption',
      proofs: [proof(MAP, '${JSON.stringify(body)} chooses what is not there and is refused')],
    },
    {
      id: 'tools.order',
      name: 'names and order',
      verdict: 'supported',
      how: "function names are the client's; tools are offered in the order of their names",
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
