import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const E2E = 'test/e2e/messages.spec.ts';
const MODULE = 'test/module/messages.spec.ts';
const TO_TURN = 'src/messages/request/to-turn.spec.ts';
const BLOCKS = 'src/messages/response/answer-blocks.spec.ts';
const FORMAT = 'src/messages/response/anthropic-error-format.spec.ts';
const AI_SDK = 'test/conformance/ai-sdk-anthropic.spec.ts';
const LANGCHAIN = 'test/conformance/langchain-anthropic.spec.ts';
const FIELDS = proof(TO_TURN, 'fields: ${what}');
const THINKING = proof(TO_TURN, 'thinking: ${what}');
const REFUSED = proof(TO_TURN, 'refused: ${what}');
const WRONG = proof(MODULE, 'a body ${what} is a 400 that names the field');
const NAMED = proof(MODULE, 'what had no effect is named in a header, stream ${stream}');
const HISTORY = proof(TO_TURN, 'a history is never refused: what cannot be passed on is told in words');
const MEDIA = proof(E2E, 'images, documents and search results reach the model, in messages and in results of calls');
const LOOP = proof(E2E, 'a loop of three steps with parallel calls and thinking is one true history, ${form}');

function row(id: string, verdict: Verdict, name: string, how: string, ...proofs: Proof[]): Requirement {
  return { id: `messages.${id}`, name, verdict, how, source: 'own Anthropic: Messages API', proofs };
}

/** What docs/compatibility-messages.md consists of, in its order. */
export const MESSAGES_DOOR: readonly Section[] = [
  {
    title: 'Fields',
    isByVerdict: true,
    requirements: [
      row('field.model', 'supported', '`model`', "as for chat completions: a name of `GET /v1/models`, an alias, or a full Claude id. A request that continues a conversation can omit it. The response's `model` is the model that responded", proof(E2E, 'an answer has its text, its usage and its model, ${form}'), proof(MODULE, 'a conversation goes on by its header, through both doors')),
      row('field.max-tokens', 'supported', '`max_tokens`', 'required', proof(E2E, 'an answer that is cut at its limit says so, ${form}'), WRONG),
      row('field.messages', 'supported', '`messages`', 'see [Messages](#messages)', LOOP),
      row('field.system', 'supported', '`system`', 'a string or text blocks. Messages of the role `system` follow it', proof(TO_TURN, 'system texts stand in their order, wherever they are'), proof(E2E, 'an answer has its text, its usage and its model, ${form}')),
      row('field.stream', 'supported', '`stream`', 'see [Responses](#responses)', proof(MODULE, 'a stream is the events of a message, to the byte')),
      row('field.sampling', 'supported', '`temperature`, `top_p`, `top_k`', 'ignored and named while the model thinks. If both are set, `temperature` counts and `top_p` is ignored', FIELDS, proof(E2E, 'an answer has its text, its usage and its model, ${form}')),
      row('field.stop', 'supported', '`stop_sequences`', 'up to 100, also of white space only', FIELDS, proof(E2E, 'a stop sequence ends the answer and is named, ${form}')),
      row('field.tools', 'supported', '`tools` with `name`, `description`, `input_schema`', 'up to 128, with names of up to 64 characters. Schemas of older drafts and property names that the Messages API refuses are translated, as for chat completions', LOOP, REFUSED),
      row('field.tool-choice', 'supported', '`tool_choice` with `disable_parallel_tool_use`', '`auto`, `any`, `tool`, `none`', FIELDS, proof(E2E, 'a call without arguments is an empty object, and a forced tool is forced, ${form}')),
      row('field.thinking', 'supported', '`thinking`', '`enabled` with `budget_tokens` of at least 1,024 and below `max_tokens`, `adaptive`, `disabled`. Models with levels get the level that is worth the budget, and the budget is named as ignored. Models with a budget get one for `adaptive`. Without this field `claude.default_reasoning_effort` counts. A forced tool prevents thinking; `thinking` is then named as ignored', THINKING, LOOP),
      row('field.effort', 'supported', '`output_config.effort`', 'the level of thinking; named if the model lacks it', THINKING),
      row('field.format', 'supported', '`output_config.format`, `output_format`', 'structured output, as for chat completions: constrained decoding where possible, a check of every response, one repair', proof(E2E, 'a format holds the answer to its schema, ${form}'), REFUSED),
      row('field.store', 'supported', '`store` (extension)', '`false` keeps the conversation off the disk', proof(MODULE, 'an answer that is not to be stored is kept in memory only')),
      row('field.container', 'refused', '`container`, `mcp_servers`', '400: the service has no code execution of Anthropic and no MCP servers of clients', REFUSED, WRONG),
      row('field.thread', 'refused', '`thread`', '400 with `details.error_code` `thread_unsupported_request`, so that the tool runner of the SDK sends the whole history instead. `x-conversation-id` is the counterpart', REFUSED, proof(E2E, 'the tool runner works a loop off, ${form}')),
      row('field.forced', 'refused', '`tool_choice` of a tool that Anthropic defines', '400: these tools are not available', REFUSED, WRONG),
      row('field.provider-tools', 'ignored', '`tools` that Anthropic defines (`web_search_…`, `bash_…`, `code_execution_…`)', 'left out', NAMED),
      row('field.cache-control', 'ignored', '`cache_control`, on blocks and tools', 'the CLI sets marks of its own, so the prefix of a conversation is cached', NAMED),
      row('field.hints', 'ignored', '`metadata`, `service_tier` other than `auto`, `context_management`', 'also `strict` of a tool', FIELDS, NAMED),
      row('field.betas', 'ignored', 'the header `anthropic-beta`', 'the beta features are those of the CLI', NAMED),
      row('field.unknown', 'ignored', 'unknown fields', 'for example `citations` of a document, `thinking.display`, `inference_geo`', FIELDS, NAMED),
    ],
  },
  {
    title: 'Messages',
    introduction: `Any history is accepted: calls without a result, results without a call, repeated ids, several messages of a role in sequence, a first message of the
assistant. The rules are those of [chat completions](compatibility.md#messages). If the last message is the assistant's (a prefill), the model is asked to continue.`,
    requirements: [
      row('block.text', 'supported', '`text`, `tool_use`, `tool_result` with `is_error`', 'ids and order are kept. Blocks of white space only join a neighbour', LOOP, proof(E2E, 'a history in any order is arranged, and a prefill is asked to be continued')),
      row('block.thinking', 'supported', '`thinking` and `redacted_thinking`', 'sent to the model with their signature, byte for byte, also on a process that has not seen the conversation. Without a signature, or while the model does not think, ignored and named', LOOP, proof(E2E, 'thinking that only the provider can read comes and goes back, ${form}'), HISTORY),
      row('block.image', 'supported', '`image`, `document`', 'base64 and URLs, checked and fetched as for chat completions; `document` also as text with `title` and `context`. A document of blocks becomes its blocks', MEDIA, proof(TO_TURN, 'a document of blocks is told as its blocks, and an error of a tool keeps its text'), WRONG),
      row('block.search-result', 'supported', '`search_result`', 'a text of its title, its source and its content', MEDIA),
      row('block.file', 'refused', 'a source of type `file`', '400: there is no Files API. In the history the model gets a note instead', WRONG),
      row('block.other', 'refused', 'any other block in the last message', '400. In the history it becomes text and is named', WRONG, HISTORY, NAMED),
      row('block.open-calls', 'refused', 'calls without a result at the very end', '400, in the words of Anthropic', WRONG),
      row('block.numbers', 'supported', 'numbers in inputs of calls', 'a number that would lose digits becomes a string', proof(TO_TURN, 'numbers keep their digits')),
    ],
  },
  {
    title: 'Responses',
    requirements: [
      row('answer.whole', 'supported', 'a message', 'every field that the SDK reads. `usage` has the counts of the CLI; what it does not tell is `null`. `stop_reason` is `end_turn`, `max_tokens`, `stop_sequence`, `tool_use` or `refusal`', proof(MODULE, 'a whole answer is one message, with its usage, its cost and its timing', 'a stop sequence that ended the answer is named')),
      row('answer.stream', 'supported', 'a stream', 'the events of Anthropic in their order, as the model writes. `message_start` tells what the prompt took; the count of the response comes in `message_delta`', proof(MODULE, 'a stream is the events of a message, to the byte', 'each piece is sent as it comes', '${name}: a stream collects to the whole answer'), proof(BLOCKS, 'in any order of events one block is open at a time, and nothing is lost', 'thinking with its signature, text and calls are blocks of their own'), proof(E2E, 'a stream tells at its start what the prompt took, and gives the pieces as they come')),
      row('answer.keep-alive', 'supported', 'silence', 'comments instead of `ping` events', proof(MODULE, 'a silent stream is kept alive by comments; a failure then is an event')),
      row('answer.leave', 'supported', 'a client that disconnects', 'ends the request to the model', proof(E2E, 'a client that leaves ends the request to the model, ${form}')),
      row('answer.headers', 'supported', '`request-id`', 'equal to `x-request-id`. All other headers are those of chat completions: `x-claude-code-ignored`, `x-claude-code-cost-usd`, `x-conversation-id`, `x-cache`, `x-ratelimit-…`, `Server-Timing`', proof(MODULE, 'a whole answer is one message, with its usage, its cost and its timing', 'the same request is answered from the cache, and one through another door or with another format is not')),
      row('answer.conversation', 'supported', '`x-conversation-id` of a request', 'continues a stored conversation, whichever endpoint it began on', proof(MODULE, 'a conversation goes on by its header, through both doors')),
    ],
  },
  {
    title: 'Errors',
    introduction: `Every error below \`/v1/messages\` has the shape of Anthropic, with \`request_id\`. Its message begins with the field, as in \`messages.0.content: …\`.`,
    requirements: [
      row('error.types', 'supported', '`error.type`', '400, 405, 415 `invalid_request_error`; 401 `authentication_error`; 403 `permission_error`; 404 `not_found_error`; 413 `request_too_large`; 429 `rate_limit_error`; 503 `overloaded_error`; 504 `timeout_error`; other 5xx `api_error`', proof(FORMAT, '${status} is of type ${type}', 'a field that is missing is named as Anthropic names it'), proof(MODULE, 'errors of every middleware and route are in the shape of Anthropic', "a provider's ${status} before the first piece is a ${answered}, stream ${stream}")),
      row('error.overloaded', 'supported', 'an overloaded provider', '503 with `retry-after`, where Anthropic has 529', proof(MODULE, "a provider's ${status} before the first piece is a ${answered}, stream ${stream}")),
      row('error.stream', 'supported', 'a failure after the first piece of a stream', 'an `error` event, the last one', proof(MODULE, 'a failure in mid-stream is the last event, in the shape of Anthropic'), proof(E2E, 'an answer that breaks off is an error of the stream')),
      row('error.bodies', 'supported', 'any wrong body', '400 that names a field of it', proof('src/messages/request/request-fuzz.spec.ts', '5,000 generated bodies of messages, most of them broken, are understood or refused in the right way')),
    ],
  },
  {
    title: 'The rest of the API',
    requirements: [
      row('rest.keys', 'supported', 'keys', '`x-api-key` or `Authorization: Bearer`. `anthropic-version` is not needed, and its value makes no difference', proof(MODULE, 'a key is taken from ${Object.keys(headers).join()}')),
      row('rest.base-url', 'supported', 'the base URL of clients', 'the address of the service; with `/v1` it works too', proof('src/common/http/canonical-path.spec.ts', '${path} is ${canonical}')),
      row('rest.models', 'supported', '`GET /v1/models`, `GET /v1/models/{id}`', "in Anthropic's shape for requests with `anthropic-version`. One page holds all. `created_at` is the same for all: the CLI tells no dates", proof('test/module/models.spec.ts', 'clients of Anthropic are given its shape, errors included'), proof(E2E, 'the models are listed and described in the shape that the client reads')),
      row('rest.count-tokens', 'refused', '`POST /v1/messages/count_tokens`, `/v1/messages/batches`', '404: the CLI cannot count the tokens of a request exactly', proof(E2E, 'errors have the classes that the client knows, with the id of the request'), proof(MODULE, 'errors of every middleware and route are in the shape of Anthropic')),
    ],
  },
  {
    title: 'Clients of Anthropic',
    introduction: 'The tests run these packages, unchanged, against the built service and the real CLI, whole and streamed.',
    remarks: `Claude Code itself is better served by \`claude gateway\`, which the CLI contains: it needs a gateway that passes beta features and errors on unchanged, which a
service on top of the CLI cannot do.`,
    requirements: [
      row('client.sdk', 'supported', '`@anthropic-ai/sdk`', '`create`, `stream` and its helpers, loops of tools with thinking, errors by class, abort, `models`', LOOP, proof(E2E, 'errors have the classes that the client knows, with the id of the request')),
      row('client.ai', 'supported', '`ai` with `@ai-sdk/anthropic`', '`generateText`, `streamText`, tools over several steps, reasoning, objects', proof(AI_SDK, 'generateText gives the text and the usage, by messages', 'streamText gives the pieces and the usage, by messages', 'tools over several steps are true history, by messages, ${form}', 'thinking arrives as reasoning, by messages, ${form}', 'generateText with an output gives the object, by messages')),
      row('client.langchain', 'supported', '`@langchain/anthropic`', '`invoke`, `stream`, loops of `bindTools`, thinking, `withStructuredOutput`', proof(LANGCHAIN, 'invoke gives the text, the usage and the model, by messages', 'stream gives the pieces and at last the usage, by messages', 'a loop of bound tools is true history, by messages, ${form}', 'thinking comes with its signature and goes back with it, by messages, ${form}', 'withStructuredOutput gives the object, by a call')),
    ],
  },
]; // prettier-ignore
