import { proof, type Section, rowsOf } from './requirement.ts';

const SHAPES = 'test/e2e/structured-shapes.spec.ts';
const OUTPUT = 'test/e2e/structured-output.spec.ts';
const FORMAT = 'src/chat/request/map-response-format.spec.ts';
const CONTRADICTION = 'src/answers/structured/find-contradiction.spec.ts';
const ANSWER = 'src/answers/structured/structured-output.spec.ts';

const row = rowsOf('structured');

export const STRUCTURED_OUTPUT: Section = {
  title: 'Structured output',
  introduction: `If the Messages API can constrain the decoding to the schema without losing a part of it, it does. Otherwise the schema becomes
an instruction in the system text. In both cases the service checks the response against the client's own schema.`,
  requirements: [
    row('json-schema', '`response_format` of type `json_schema`, `json_schema.schema`', 'the response is valid against the schema, or an error. It streams as the model writes it. Without a `schema` any object is valid', 'schema CreateChatCompletionRequest.response_format', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(ANSWER, 'a right answer is streamed as it comes, its decoding held to the schema'), proof(FORMAT, 'text is no format, and json_schema without a schema is any object')]),
    row('strict', '`json_schema.strict`', 'no difference: the service always enforces the schema', 'schema ResponseFormatJsonSchema.json_schema', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(OUTPUT, 'JSON of another shape, twice: 502 that says what is wrong')]),
    row('instruction', 'recursive schemas, maps, tuples, conditions, values of any type; schemas that the Messages API finds too complex', 'an instruction in the system text; the response is checked', 'schema ResponseFormatJsonSchemaSchema', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed'), proof(OUTPUT, 'a schema that the API refuses is asked for in words instead, and from then on at once')]),
    row('text', '`response_format` of type `text`', 'plain text', 'schema ResponseFormatText', [proof(FORMAT, 'text is no format, and json_schema without a schema is any object')]),
    row('json-object', '`response_format` of type `json_object`', 'an instruction in the system text; the response is checked to be one JSON object', 'schema ResponseFormatJsonObject.type', [proof(OUTPUT, 'json_object: the model is asked for it behind the system text, and any object is right')]),
    row('json-object-schema', '`response_format` of type `json_object` with a `schema`', 'the schema is enforced, as by other servers', 'client schemas beside json_object come from users of llama.cpp, Together and others', [proof(OUTPUT, 'json_object beside a schema is held to the schema'), proof(FORMAT, 'json_object beside a schema is held to the schema')]),
    row('dialects', 'schemas of draft-04, draft-07, 2020-12 and OpenAPI', 'converted to 2020-12; `$schema` is removed', 'client schemas come in all of these', [proof(SHAPES, '${shape.name}: by ${shape.by}, whole and streamed')]),
    row('keywords', 'bounds, patterns, formats', 'in the description for the model; the response is checked', 'schema ResponseFormatJsonSchema.json_schema', [proof('src/answers/structured/to-constrained-schema.spec.ts', 'what the API does not know is told in the description'), proof(SHAPES, 'a pattern that would take for ever to test holds nobody else up')]),
    row('name', '`json_schema.name`, `json_schema.description`', 'title and description for the model', 'schema ResponseFormatJsonSchema.json_schema', [proof(FORMAT, 'name and description reach the model')]),
    row('schema-refused', 'schemas that are invalid, refer to other documents, or have more than 200,000 characters, 5,000 parts, 5,000 `enum` values or 64 levels', '400 `invalid_json_schema`; `param` is the place', 'schema ErrorResponse', [proof(SHAPES, 'a schema that cannot be used is refused before anything is asked'), proof(FORMAT, 'refused: ${what}')], 'refused'),
    row('impossible', 'schemas that no value can satisfy, as far as a static check can tell', '400 `invalid_json_schema` before the model call. Examples: a required property that is `false`, not allowed or named `__proto__`; `const` against `enum` or `type`; contradictory bounds; a schema that requires itself without end', 'own a response that cannot be valid would cost two turns', [proof(OUTPUT, '${what}: refused before the model is asked, whole and streamed'), proof(CONTRADICTION, 'impossible: ${what}', 'possible: ${what}', 'no schema is impossible that a value is valid against')], 'refused'),
    row('repair', 'a response without JSON, with broken JSON, or with JSON of another shape', 'one repair: a further request on the same process. `usage` and cost include it. If the repair fails, 502 `structured_output_failed`', 'own prose is never returned as JSON', [proof(OUTPUT, '${what}, whole: one more request on the same process mends it, and both are counted', '${what}, twice: 502 that says what is wrong', '${what}, streamed: nothing of it is shown, the mended answer is')]),
    row('wrong-in-stream', 'a stream whose sent part turns out wrong', 'it ends with an error event, without `[DONE]`', 'own what was sent cannot be taken back', [proof(OUTPUT, '${what}, streamed: what was shown is followed by an error, and no second request is made')]),
    row('fences', 'JSON in a code fence, or one JSON value in prose', 'the JSON alone is the response; the prose is dropped', 'own models add fences and prose', [proof(OUTPUT, 'an answer in a code fence is taken out of it, without a second request', '${what}: the JSON alone is the answer, whole and streamed, without a second request'), proof('src/answers/structured/extract-json.spec.ts', '${JSON.stringify(answer)} holds ${json ?? \'no single object\'}')]),
    row('cut', 'a response that ends at `max_tokens` or at a `stop` sequence', 'returned as far as it is JSON, unchecked, with `finish_reason` `length` or `stop`', 'guide structured outputs: check finish_reason', [proof(OUTPUT, 'an answer that was cut off is handed out as it is, with length'), proof(ANSWER, 'an answer that was cut off is handed out as far as it is JSON')]),
    row('refusal', 'a refusal of the model', '`finish_reason` is `content_filter`, and `refusal` is set', 'guide structured outputs: refusals', [proof(OUTPUT, 'a refusal of the model is a refusal')]),
    row('tools', 'with `tools`', 'calls are returned unchanged; the response after their results is JSON', 'schema CreateChatCompletionRequest.tools', [proof(OUTPUT, 'a turn that calls tools is handed on with its prose; the answer after the result is JSON')]),
    row('choices', 'with `n` or `reasoning_effort`', 'each choice follows the format; the effort reaches the model', 'schema CreateChatCompletionRequest.n', [proof(OUTPUT, 'each of several choices is held to the format by itself', 'the effort and the format reach the model together')]),
  ],
}; // prettier-ignore
