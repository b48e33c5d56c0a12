import { proof, type Section } from './requirement.ts';

const CHAT = 'test/e2e/chat.spec.ts';
const CONTROLLER = 'test/module/chat.spec.ts';

export const ANSWERS: Section = {
  title: 'Responses',
  requirements: [
    {
      id: 'answer.shape',
      name: 'a completion, and each chunk of a stream',
      verdict: 'supported',
      how: "valid by OpenAI's published description",
      source: 'schema CreateChatCompletionResponse',
      proofs: [
        proof('src/chat/response/to-completion.spec.ts', 'an answer of ${name} becomes one completion'),
        proof('src/chat/response/to-chunks.spec.ts', 'an answer of ${name} becomes its chunks'),
        proof('test/conformance/openai-create.spec.ts', 'a completion has every field that the description requires'),
      ],
    },
    {
      id: 'answer.id',
      name: '`id`',
      verdict: 'supported',
      how: '`chatcmpl-` and 29 letters and digits, unique',
      source: 'schema CreateChatCompletionResponse.id',
      proofs: [
        proof(CHAT, 'a completion has the answer, its own id, the model that answered and the usage of the CLI'),
      ],
    },
    {
      id: 'answer.deltas',
      name: '`delta`',
      verdict: 'supported',
      how: 'sent as the CLI emits them; the role comes first',
      source: 'schema ChatCompletionStreamResponseDelta.content',
      proofs: [
        proof(CHAT, 'a stream begins with the role, gives the deltas as they come and ends with the reason and [DONE]'),
        proof(CONTROLLER, 'each piece is sent as it comes', 'text cannot break out of its event'),
      ],
    },
    {
      id: 'answer.tool-calls',
      name: '`tool_calls`',
      verdict: 'supported',
      how: 'native calls of the model: text before them is kept, each parallel call has its own `index`, id and name come once, the arguments in pieces. A response with calls is one upstream request',
      source: 'schema ChatCompletionMessageToolCallChunk.index',
      proofs: [
        proof('src/chat/response/to-chunks.spec.ts', 'an answer of ${name} becomes its chunks'),
        proof('test/contract/turn.spec.ts', 'parallel calls are handed out as they stream, after one request'),
        proof(
          'test/e2e/tool-loop.spec.ts',
          'twelve steps of two parallel calls each, streamed: true history, one request a step, no process more',
        ),
      ],
    },
    {
      id: 'answer.reasoning',
      name: 'thinking',
      verdict: 'supported',
      how: '`reasoning_content` in deltas and in the message',
      source: 'client ai, @langchain/openai and others read reasoning_content as DeepSeek introduced it',
      proofs: [
        proof('src/chat/response/to-completion.spec.ts', 'an answer of ${name} becomes one completion'),
        proof('test/conformance/ai-sdk.spec.ts', 'thinking arrives as reasoning, ${form}'),
      ],
    },
    {
      id: 'answer.finish-reason',
      name: '`finish_reason`',
      verdict: 'supported',
      how: '`stop`, `length`, `tool_calls`, `function_call`, `content_filter` (with `refusal` set)',
      source: 'schema CreateChatCompletionResponse.choices',
      proofs: [
        proof('src/chat/response/to-completion.spec.ts', 'an answer of ${name} becomes one completion'),
        proof('src/chat/response/to-chunks.spec.ts', 'an answer of ${name} becomes its chunks'),
      ],
    },
    {
      id: 'answer.unknown-content',
      name: 'content and stop reasons that this service does not know',
      verdict: 'supported',
      how: 'left out; `finish_reason` is `stop`, and the log names their types',
      source: 'own what the API adds later must not break answers',
      proofs: [
        proof(
          'test/contract/unknown-content.spec.ts',
          '${what}: the client gets the text, and the conversation holds nothing else',
          'an index of billions, over which the CLI freezes, fails the turn at once and ends the process',
        ),
        proof(
          'src/claude-cli/turn/answer-assembler.spec.ts',
          '${what} is reported and is no part of the answer, whether it is streamed or comes whole',
        ),
      ],
    },
    {
      id: 'answer.usage',
      name: '`usage`',
      verdict: 'supported',
      how: 'measured by the CLI. `prompt_tokens` includes cached tokens, read and written; `prompt_tokens_details.cached_tokens` counts those read; `completion_tokens_details.reasoning_tokens` counts thinking',
      source: 'schema CompletionUsage.prompt_tokens_details',
      proofs: [
        proof(
          'src/openai/map-usage.spec.ts',
          'the prompt counts what was read from and written to the cache; thinking is a part of the completion',
        ),
        proof(
          'src/chat/response/to-completion.spec.ts',
          'an answer of ${name} in the form of ${callForm} says the same whole and streamed',
        ),
        proof(CHAT, 'a completion has the answer, its own id, the model that answered and the usage of the CLI'),
      ],
    },
    {
      id: 'answer.empty-fields',
      name: '`logprobs`, `system_fingerprint`, `annotations`',
      verdict: 'supported',
      how: '`logprobs` is null, `system_fingerprint` is absent, `message.annotations` is an empty list that clients can send back',
      source: 'schema ChatCompletionResponseMessage.annotations',
      proofs: [
        proof('src/chat/response/to-completion.spec.ts', 'an answer of ${name} becomes one completion'),
        proof('src/chat/request/to-turn.spec.ts', 'annotations that an answer was sent with can be sent back'),
      ],
    },
    {
      id: 'answer.ignored-header',
      name: '`x-claude-code-ignored`',
      verdict: 'supported',
      how: 'header of whole and streamed responses: the fields and query parameters without effect',
      source: 'own',
      proofs: [
        proof(CONTROLLER, 'what had no effect is named in a header, ${form}'),
        proof(
          'src/common/http/ignored-header.spec.ts',
          'what a header cannot carry, and what would end a name, is percent-encoded',
          'a list that is too long says that there are more, and a long name is cut',
        ),
      ],
    },
    {
      id: 'answer.cost',
      name: '`x-claude-code-cost-usd`, `usage.cost_usd`',
      verdict: 'supported',
      how: 'the cost of the response with all choices and repairs, as estimated by the CLI: the header on whole responses, the field in every `usage`',
      source: 'own',
      proofs: [
        proof(CONTROLLER, 'a whole answer is one completion, with its cost and its timing'),
        proof(
          'src/chat/response/to-completion.spec.ts',
          'the usage says what the answer cost, whole and streamed, where it is known',
        ),
        proof('test/contract/reuse.spec.ts', 'the cost of a turn is its own, not the running total of the process'),
        proof(
          'test/e2e/upstream.spec.ts',
          'the figures and the headers of answers add up, and the service spends nothing for itself',
        ),
      ],
    },
    {
      id: 'answer.timing',
      name: '`Server-Timing`',
      verdict: 'supported',
      how: 'header: time in the queue, how the process was found (tier), time to the first token, total; a stream has no total',
      source: 'own',
      proofs: [
        proof(
          CONTROLLER,
          'a whole answer is one completion, with its cost and its timing',
          'a stream tells the timing up to the first token',
        ),
      ],
    },
    {
      id: 'answer.request-id',
      name: '`x-request-id`',
      verdict: 'supported',
      how: "header: the client's own id if it matches `[\\w.:-]{1,128}`, otherwise a new one",
      source: 'guide debugging requests: x-request-id',
      proofs: [
        proof(CHAT, 'every answer has an id of its own, and the request id is the client’s where it sends one'),
        proof(
          'test/module/middlewares.spec.ts',
          'a request id that would be trouble in a log is replaced, and one is made where none is given',
        ),
      ],
    },
    {
      id: 'answer.keep-alive',
      name: 'comments in a silent stream',
      verdict: 'supported',
      how: 'the stream gets a comment after each `server.keep_alive_seconds` without an event; the first one starts the response',
      source: 'own proxies and clients end silent connections',
      proofs: [
        proof(
          CONTROLLER,
          'a silent stream is begun after a while and kept alive by comments; a failure then is an event',
        ),
        proof(
          'src/common/http/sse-writer.spec.ts',
          'silence is filled with comments from the beginning on, and only until the stream is stopped',
        ),
      ],
    },
    {
      id: 'answer.cancel',
      name: 'a client that disconnects',
      verdict: 'supported',
      how: 'the service cancels its turn upstream',
      source: 'client openai aborts its request',
      proofs: [
        proof(
          'test/e2e/cancel.spec.ts',
          'a client that leaves a long answer ends it upstream at once, streamed or not',
        ),
        proof('test/conformance/openai-stream.spec.ts', 'a stream that is aborted ends upstream'),
      ],
    },
    {
      id: 'answer.models',
      name: '`GET /v1/models`, `GET /v1/models/{id}`',
      verdict: 'supported',
      how: "the CLI's models and the operator's aliases. While the service starts, the request waits, as a chat completion does",
      source: 'schema ListModelsResponse',
      proofs: [
        proof(CHAT, 'the models are the CLI’s own, each can be asked for, and an unknown one is model_not_found'),
        proof('test/conformance/openai-create.spec.ts', 'the models are listed, found and not found'),
        proof('test/e2e/start.spec.ts', 'the models can be asked for as soon as it listens, as an answer can'),
        proof(
          'test/module/models.spec.ts',
          '${what} waits while the service starts',
          '${what} is refused with the reason when the service cannot start',
        ),
      ],
    },
  ],
};
