import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const SHAPES = 'test/e2e/structured-shapes.spec.ts';
const OUTPUT = 'test/e2e/structured-output.spec.ts';
const FORMAT = 'src/chat/request/map-response-format.spec.ts';
const CONTRADICTION = 'src/answers/structured/find-contradiction.spec.ts';
const ANSWER = 'src/answers/structured/structured-output.spec.ts';

function row(id: string, name: string, how: string, source: string, proofs: Proof[], verdict: Verdict = 'supported'): Requirement {
  return { id: `structured.${id}`, name, verdict, how, source, proofs };
} // prettier-ignore

export const STRUCTURED_OUTPUT: Section = {
  title: 'Structured output',
  introduction: `Where the Messages API can hold the decoding to the schema without losing any of it, it is asked to; otherwise the schema is
part of the system text. The answer is checked against the client's own schema in any case.`,
  requirements: [
    row('json-schema', '`response_format` of type `json_schema`, `json_schema.schema`', 'streamed as it comes; the answer is valid against the schema or an error. Without a `schema` it is any object', 'schema CreateChatCompletionRequest.response_format', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(ANSWER, 'a right answer is streamed as it comes, its decoding held to the schema'), proof(FORMAT, 'text is no format, and json_schema without a schema is any object')]),
    row('strict', '`json_schema.strict`', 'makes no difference: the schema is always held to', 'schema ResponseFormatJsonSchema.json_schema', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(OUTPUT, 'JSON of another shape, twice: 502 that says what is wrong')]),
    row('instruction', 'recursive schemas, maps, tuples, conditions, any value; schemas that the Messages API finds too complex', 'in the system text, checked all the same', 'schema ResponseFormatJsonSchemaSchema', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(OUTPUT, 'a schema that the API refuses is asked for in words instead, and from then on at once')]),
    row('text', '`response_format` of type `text`', 'no format', 'schema ResponseFormatText', [proof(FORMAT, 'text is no format, and json_schema without a schema is any object')]),
    row('json-object', '`response_format` of type `json_object`', 'asked for in the system text, checked to be one JSON object', 'schema ResponseFormatJsonObject.type', [proof(OUTPUT, 'json_object: the model is asked for it behind the system text, and any object is right')]),
    row('json-object-schema', '`response_format` of type `json_object` with a `schema`', 'held to the schema, as other servers do it', 'client schemas beside json_object come from users of llama.cpp, Together and others', [proof(OUTPUT, 'json_object beside a schema is held to the schema'), proof(FORMAT, 'json_object beside a schema is held to the schema')]),
    row('dialects', 'schemas of draft-04, draft-07, 2020-12 and OpenAPI', 'brought to 2020-12; `$schema` is left out', 'client schemas come in all of these', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed')]),
    row('keywords', 'bounds, patterns, formats', 'told to the model in the description, checked here', 'schema ResponseFormatJsonSchema.json_schema', [proof('src/answers/structured/to-constrained-schema.spec.ts', 'what the API does not know is told in the description'), proof(SHAPES, 'a pattern that would take for ever to test holds nobody else up')]),
    row('name', '`json_schema.name`, `json_schema.description`', 'title and description for the model', 'schema ResponseFormatJsonSchema.json_schema', [proof(FORMAT, 'name and description reach the model')]),
    row('schema-refused', 'schemas that are not valid, refer outside of themselves, or are larger than 200,000 characters, 5,000 parts, 5,000 values of an `enum`, or 64 levels', '400 `invalid_json_schema` with the place', 'schema ErrorResponse', [proof(SHAPES, 'a schema that cannot be used is refused before anything is asked'), proof(FORMAT, 'refused: ${what}')], 'refused'),
    row('impossible', 'schemas that no value is valid against, as far as that can be told without trying', '400 `invalid_json_schema` before the model is asked: a required property that is false, not allowed or called `__proto__`, `const` against `enum` or `type`, bounds that exclude each other, a schema that needs itself without end', 'own an answer that cannot be valid would be paid for twice', [proof(OUTPUT, '${what}: refused before the model is asked, whole and streamed'), proof(CONTRADICTION, 'impossible: ${what}', 'possible: ${what}', 'no schema is impossible that a value is valid against')], 'refused'),
    row('repair', 'an answer without JSON, or with JSON that is broken or of another shape', 'one more request mends it, in the same process; `usage` and cost are of both. If that does not help 502 `structured_output_failed`', 'own no prose is handed out as JSON', [proof(OUTPUT, '${what}, whole: one more request on the same process mends it, and both are counted', '${what}, twice: 502 that says what is wrong', '${what}, streamed: nothing of it is shown, the mended answer is')]),
    row('wrong-in-stream', 'a stream that turns out wrong after a part of it was shown', 'ends with an error event, without `[DONE]`', 'own what was sent cannot be taken back', [proof(OUTPUT, '${what}, streamed: what was shown is followed by an error, and no second request is made')]),
    row('fences', 'JSON in a code fence, or once among prose', 'taken out; the prose is left out', 'own models add fences and prose', [proof(OUTPUT, 'an answer in a code fence is taken out of it, without a second request', '${what}: the JSON alone is the answer, whole and streamed, without a second request'), proof('src/answers/structured/extract-json.spec.ts', '${JSON.stringify(answer)} holds ${json ?? \'no single object\'}')]),
    row('cut', 'an answer cut by `max_tokens` or `stop`', 'handed out as it is, with `length` or `stop`', 'guide structured outputs: check finish_reason', [proof(OUTPUT, 'an answer that was cut off is handed out as it is, with length'), proof(ANSWER, 'an answer that was cut off is handed out as far as it is JSON')]),
    row('refusal', 'a refusal', '`content_filter` and `refusal`', 'guide structured outputs: refusals', [proof(OUTPUT, 'a refusal of the model is a refusal')]),
    row('tools', 'together with `tools`', 'calls are handed on as they are, the answer after their results is JSON', 'schema CreateChatCompletionRequest.tools', [proof(OUTPUT, 'a turn that calls tools is handed on with its prose; the answer after the result is JSON')]),
    row('choices', 'together with `n` or `reasoning_effort`', 'each choice is held to the format; the effort reaches the model too', 'schema CreateChatCompletionRequest.n', [proof(OUTPUT, 'each of several choices is held to the format by itself', 'the effort and the format reach the model together')]),
  ],
}; // prettier-ignore
