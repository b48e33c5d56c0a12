import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const DOOR = 'test/module/responses.spec.ts';
const E2E = 'test/e2e/responses.spec.ts';
const TO_TURN = 'src/responses/request/to-turn.spec.ts';
const SEAL = 'src/responses/reasoning-seal.spec.ts';
const ARGUMENT = 'src/responses/response/text-argument.spec.ts';
const FUZZ = 'src/responses/request/response-fuzz.spec.ts';
const STORE = 'src/conversations/store/sqlite-conversation-store.spec.ts';
const OPENAI = 'test/conformance/openai-responses.spec.ts';
const CLIENTS = 'test/conformance/responses-clients.spec.ts';
const SOURCE = 'guide Responses API reference';

function row(id: string, name: string, verdict: Verdict, how: string, ...proofs: Proof[]): Requirement {
  return { id: `responses.${id}`, name, verdict, how, source: SOURCE, proofs };
}

const NAMED = proof(DOOR, 'what cannot be honoured is refused, and what has no effect is named');
const REFUSED = proof(TO_TURN, '${what} is refused by its name');
const EVENTS = proof(
  DOOR,
  'the items of the stream are those of the response, each added before anything of it and done once: ${name}',
);
const FAILURE = proof(
  DOOR,
  'a failure before the first piece is an HTTP error; one after it ends the stream with response.failed',
);
const CHAIN = proof(DOOR, 'a chain goes on in one conversation, and instructions are not inherited');
const READ = proof(DOOR, 'a response is read as it was answered, with its input, until it is deleted');

const FIELDS: Section = {
  title: 'Request fields',
  isByVerdict: true,
  requirements: [
    row('input', '`input`', 'supported', 'a text, or items: see below. It can be absent where the request goes on with something', proof(TO_TURN, 'a string among the items is a message of the user'), proof(E2E, 'a text is answered, and the model is given the instructions and the input alone')),
    row('instructions', '`instructions`', 'supported', 'a system text before those of the input; it holds for its own response only', proof(TO_TURN, 'instructions stand before the system messages of the input, and only these are stored'), CHAIN),
    row('model', '`model`', 'supported', 'as in chat completions; a request that goes on with a response or a conversation can leave it out', proof(E2E, 'a text is answered, and the model is given the instructions and the input alone')),
    row('stream', '`stream`', 'supported', 'see below', proof(DOOR, 'a stream of text has its events in order, and the whole response in the first and the last')),
    row('store', '`store`', 'supported', 'true unless it is given; `false` leaves nothing, in memory neither', proof(DOOR, 'store: false leaves nothing', 'a streamed response is stored as it ended')),
    row('previous-response-id', '`previous_response_id`', 'supported', 'the history up to that response; from any response, any number of times. Not together with `conversation`', CHAIN, proof(DOOR, 'what goes on from the middle is a branch of its own', 'two that go on from the same response at once are two branches'), proof(E2E, 'a chain of ${CHAIN} responses by id sends the model the same bytes as the same by full input, thinking included', 'a stored chain goes on after a restart')),
    row('conversation', '`conversation`', 'supported', 'a conversation of the Conversations API, by its id or an object with it; the header `x-conversation-id` does the same', proof(DOOR, 'a response adds to the conversation that it names', 'one conversation goes on through chat and responses in turn')),
    row('include', '`include`', 'supported', '`reasoning.encrypted_content`; others are ignored and named, but for log probabilities, which are refused', proof(DOOR, 'encrypted reasoning goes back to the model with its signature, and a changed or foreign one is refused'), REFUSED),
    row('tools', '`tools`', 'supported', 'the types `function`, `custom` and `namespace`: see below', proof(DOOR, 'tools of a namespace are called under their own name', 'a custom tool gets a text, piece by piece, and its result goes back')),
    row('tool-choice', '`tool_choice`, `parallel_tool_calls`', 'supported', '`auto`, `none`, `required`, a function, a custom tool, `allowed_tools`', proof(TO_TURN, 'tool_choice: ${what}')),
    row('text', '`text.format`', 'supported', '`text`, `json_object`, `json_schema`; as `response_format` of chat completions', proof(OPENAI, 'parse gives the object'), REFUSED),
    row('reasoning', '`reasoning.effort`', 'supported', 'as `reasoning_effort` of chat completions', proof(TO_TURN, 'reasoning stands before what it led to; at the end of an answer, and without encrypted content, it is left out')),
    row('sampling', '`max_output_tokens`, `temperature`, `top_p`', 'supported', 'as in chat completions', proof(FUZZ, '5,000 generated bodies, most of them broken, are understood or refused in the right way')),
    row('truncation', '`truncation`', 'supported', '`auto` cuts the history of a conversation to `conversation.max_history_messages`; `disabled`, the default, cuts nothing', CHAIN),
    row('metadata', '`metadata`', 'supported', 'up to 16 texts; the response repeats it', READ, REFUSED),
    row('background', '`background: true`, `prompt`, `moderation`, `top_logprobs` above 0', 'refused', '400 `unsupported_parameter`', NAMED),
    row('hints', '`user`, `safety_identifier`, `prompt_cache_key`, `prompt_cache_retention`, `prompt_cache_options`, `client_metadata`, `context_management`, `max_tool_calls`, `service_tier` other than `auto` and `default`, `text.verbosity` other than `medium`, `reasoning.summary` other than `auto`, `stream_options.include_obfuscation`', 'ignored', 'the response repeats those that OpenAI repeats', NAMED),
    row('unknown', 'unknown fields', 'ignored', 'also further down', NAMED),
  ],
}; // prettier-ignore

const ITEMS: Section = {
  title: 'Items of the input',
  requirements: [
    row('item.message', '`message`', 'supported', 'with `input_text`, `output_text`, `refusal`, `input_image`, `input_file` parts, or a text. `type` can be absent. Images and files stand in messages of the user and in results; those of an upload (`file_id`) are refused', proof(TO_TURN, 'calls and results of all forms are native'), REFUSED),
    row('item.calls', '`function_call`, `custom_tool_call` and their outputs', 'supported', 'native calls and results of the model; an output is a text or parts', proof(TO_TURN, 'calls and results of all forms are native', 'calls without a result are refused where they end the input'), proof(E2E, 'tools over several steps are true history by id, custom ones too')),
    row('item.reasoning', '`reasoning`', 'supported', 'with `encrypted_content`, or the id of a stored item, the model is given its thinking back, with the signature. Without either, or where another model thought, it is left out and named', proof(TO_TURN, 'reasoning stands before what it led to; at the end of an answer, and without encrypted content, it is left out', 'thinking is left out, and named, while the model does not think'), proof(E2E, 'encrypted reasoning is given back with its signature after a restart, and to no other key')),
    row('item.reference', '`item_reference`', 'supported', 'an item of a stored response, or of the conversation that the request goes on with', proof(DOOR, 'items are referred to by their ids; one that is not stored is a 404'), proof(CLIENTS, 'ai: tools over several steps are true history by references to items, ${form}')),
    row('item.silent', '`compaction`, `additional_tools`', 'ignored', 'only their provider can read them', proof(TO_TURN, 'items of agents that have no counterpart are told in words or left out, and named')),
    row('item.others', 'items of other types (`local_shell_call`, `web_search_call` …)', 'ignored', 'the model reads them as a text; the header names them', proof(TO_TURN, 'items of agents that have no counterpart are told in words or left out, and named')),
  ],
}; // prettier-ignore

const TOOLS: Section = {
  title: 'Tools',
  requirements: [
    row('tool.function', '`function`', 'supported', 'as in chat completions; `strict` is ignored and named', proof(DOOR, 'a call streams its arguments; one without any is an empty object'), proof(OPENAI, 'tools over several steps are true history by the items of the client')),
    row('tool.custom', '`custom`', 'supported', 'the model is offered a function with one text; a grammar is part of its description, and not enforced. Calls come back as `custom_tool_call` with the text', proof(DOOR, 'a custom tool gets a text, piece by piece, and its result goes back'), proof(ARGUMENT, 'the pieces of a text are the text, however the JSON is cut and escaped')),
    row('tool.namespace', '`namespace`', 'supported', 'the model is offered each tool under both names; calls have `name` and `namespace`', proof(DOOR, 'tools of a namespace are called under their own name')),
    row('tool.others', 'other types (`web_search`, `mcp`, `image_generation` …)', 'ignored', 'a `tool_choice` that forces one is refused', proof(DOOR, 'a tool that is not available is refused only where it is forced', 'tools of a namespace are called under their own name')),
  ],
}; // prettier-ignore

const ANSWERS: Section = {
  title: 'Responses and their stream',
  requirements: [
    row('answer.object', 'the response', 'supported', 'has every field that OpenAI describes, and `usage.cost_usd`', proof(DOOR, 'a stream of text has its events in order, and the whole response in the first and the last')),
    row('answer.items', 'items', 'supported', '`reasoning` with the thinking as `summary_text`, `message`, `function_call`, `custom_tool_call`; one for each block of the model. Stream and final response have the same items with the same ids', EVENTS),
    row('answer.events', 'events', 'supported', '`created`, `in_progress`; for each item `output_item.added`, its parts and deltas, `output_item.done`; one of `completed`, `incomplete`, `failed`. Each has its `type` in the data and as the name of the event, and a `sequence_number` from 0. There is no `[DONE]`', EVENTS, proof(OPENAI, 'the stream helper puts the response together from its events')),
    row('answer.incomplete', '`incomplete`', 'supported', '`max_output_tokens`, or `content_filter` for a refusal', EVENTS),
    row('answer.failed', '`failed`', 'supported', 'a failure after the first event, with the code of the error; of a rate limit the message ends with “Please try again in Ns.”. A failure before it is an HTTP error', FAILURE),
    row('answer.headers', 'headers', 'supported', 'as of chat completions', NAMED),
    row('answer.cache', 'the response cache', 'supported', 'a repeated request gets the items again, in a response of its own', proof(DOOR, 'the response cache gives a response again under an id of its own')),
    row('answer.cancel', 'a client that leaves', 'supported', 'ends its turn', proof(DOOR, 'a client that leaves ends its turn, ${stream ? \'streamed\' : \'whole\'}')),
    row('answer.limits', 'limits of keys', 'supported', 'as of chat completions', proof(DOOR, 'the limits of a key hold here too')),
  ],
}; // prettier-ignore

const STORED: Section = {
  title: 'Stored responses',
  introduction:
    'A response is a point of a stored conversation. It expires with the conversation (`conversation.session_timeout_minutes` after its last use).',
  requirements: [
    row('stored.get', '`GET /v1/responses/{id}`', 'supported', 'the response as it was answered', READ),
    row('stored.items', '`GET /v1/responses/{id}/input_items`', 'supported', 'everything that the model was given before, without `instructions`; `after`, `limit`, `order`', READ, proof(OPENAI, 'a response is created, retrieved, listed by its input and deleted')),
    row('stored.delete', '`DELETE /v1/responses/{id}`', 'supported', 'with its conversation, where that has no other response and the client has not named it', READ, proof(STORE, 'takes a conversation that nobody named with it when it is the last, and nothing of it is left in the files', 'goes with its conversation: when that is deleted, and when it expires')),
    row('stored.cancel', '`POST /v1/responses/{id}/cancel`', 'refused', '400: there are no responses in the background', proof(DOOR, 'what is not offered says so')),
    row('stored.others', '`POST /v1/responses/compact`, `POST /v1/responses/input_tokens`', 'refused', '404 `unknown_url`', proof(DOOR, 'what is not offered says so')),
    row('stored.keys', 'other keys', 'supported', 'have none of it: neither the response, nor its chain, its items or its reasoning', proof(DOOR, 'another key has none of it: neither the response, nor its chain, its items or its reasoning')),
    row('stored.seal', 'encrypted reasoning', 'supported', 'AES-256-GCM with a key of the service below `storage.path` (`reasoning.key`, readable by its owner alone), bound to the API key', proof(SEAL, 'it is opened as it was, after a restart too, and the key is for its owner alone', 'it is refused for another tenant, by another service, and wherever it was changed')),
  ],
}; // prettier-ignore

const ERRORS: Section = {
  title: 'Errors of this endpoint',
  requirements: [
    row('error.previous', '400 `previous_response_not_found`', 'supported', 'no such response, or it was deleted, has expired, or belongs to another key', READ, proof(OPENAI, 'an unknown previous response is an error that names it')),
    row('error.both', '400 `mutually_exclusive_parameters`', 'supported', '`previous_response_id` together with a conversation', proof(DOOR, 'a response adds to the conversation that it names')),
    row('error.sealed', '400 `invalid_encrypted_content`', 'supported', 'an encrypted content that this service did not make for this key, or that was changed; `param` names the item', proof(DOOR, 'encrypted reasoning goes back to the model with its signature, and a changed or foreign one is refused')),
    row('error.item', '404 `item_not_found`', 'supported', 'an `item_reference` to nothing that is stored', proof(DOOR, 'items are referred to by their ids; one that is not stored is a 404')),
    row('error.response', '404 `response_not_found`', 'supported', 'a response that is not stored', READ),
    row('error.context', '400 `context_length_exceeded`', 'supported', 'names `input`', proof(DOOR, 'a context that is too long is about the input')),
    row('error.fields', 'a wrong field', 'supported', '`param` names it', proof(FUZZ, '5,000 generated bodies, most of them broken, are understood or refused in the right way')),
  ],
}; // prettier-ignore

const LIBRARIES: Section = {
  title: 'Client libraries',
  requirements: [
    row('client.openai', '`openai`', 'supported', '`responses.create`, `stream`, `parse`, `retrieve`, `delete`, `inputItems.list`', proof(OPENAI, 'a response is created, retrieved, listed by its input and deleted', 'the stream helper puts the response together from its events', 'parse gives the object')),
    row('client.agents', '`@openai/agents`', 'supported', 'in its default mode, whole and streamed, with `previousResponseId`', proof(CLIENTS, 'an agent works its tools off in its default mode', 'an agent streams in its default mode', 'an agent goes on by the id of its last response')),
    row('client.ai', '`ai` with `openai()` of `@ai-sdk/openai`', 'supported', 'text, streams, objects, reasoning, tools over several steps', proof(CLIENTS, 'ai: generateText gives the text and the usage', 'ai: streamText gives the pieces', 'ai: generateObject gives the object', 'ai: thinking arrives as reasoning, ${form}')),
    row('client.langchain', '`@langchain/openai` with `useResponsesApi`', 'supported', 'loops of bound tools, whole and streamed', proof(CLIENTS, 'LangChain: a loop of bound tools is true history, ${form}')),
  ],
}; // prettier-ignore

/** What docs/compatibility-responses.md consists of, in its order. */
export const RESPONSES_SECTIONS: readonly Section[] = [FIELDS, ITEMS, TOOLS, ANSWERS, STORED, ERRORS, LIBRARIES];
