import { proof, type Requirement, type Section } from './requirement.ts';

const AI_SDK = 'test/conformance/ai-sdk.spec.ts';
const LANGCHAIN = 'test/conformance/langchain.spec.ts';
const AGENTS = 'test/conformance/openai-agents.spec.ts';
const LLAMAINDEX = 'test/conformance/llamaindex.spec.ts';
const CREATE = 'test/conformance/openai-create.spec.ts';
const STREAM = 'test/conformance/openai-stream.spec.ts';

function row(id: string, name: string, how: string, source: string, file: string, ...titles: string[]): Requirement {
  return {
    id: `client.${id}`,
    name,
    verdict: 'supported',
    how,
    source: `client ${source}`,
    proofs: [proof(file, ...titles)],
  };
}

export const CLIENTS: Section = {
  title: 'Client libraries',
  introduction: `The tests run these packages, unchanged, against the built service and the real CLI, whole and streamed, and check every response
against OpenAI's published description.`,
  remarks: '`test/conformance/known-failures.ts` lists what does not work: at present nothing. A listed test that passes fails the run until it is removed from the list.',
  requirements: [
    {
      ...row('openai', '`openai`', '`create`, streams, the `stream` helper and its events, `runTools`, `parse` with a schema, abort, errors by class, retries, `models`', 'openai', CREATE, 'a completion has every field that the description requires', 'runTools works parallel calls and several steps off, and the history stays true', 'the models are listed, found and not found'),
      proofs: [
        proof(CREATE, 'a completion has every field that the description requires', 'runTools works parallel calls and several steps off, and the history stays true', 'the models are listed, found and not found', 'parse with a zod schema gives the object'),
        proof(STREAM, 'a stream gives its pieces, its reason and, if asked for, its usage', 'the stream helper tells its events and puts the completion together', 'the stream helper puts parallel calls together', 'runTools works calls off while it streams', 'a request that is aborted before its answer ends upstream'),
        proof('test/conformance/openai-errors.spec.ts', 'a field that is wrong is a BadRequestError that names it', 'a client that waits no longer has a timeout of its own, and the turn ends'),
      ],
    },
    row('openai.retries', '`openai` and transient failures', 'the library retries after `Retry-After`, for 429 and 5xx of this service as for those of OpenAI', 'openai repeats 408, 409, 429 and 5xx', 'test/conformance/openai-errors.spec.ts', 'the rate limit upstream is a RateLimitError, and the client tries again', 'a failure upstream is an InternalServerError, and the client tries again'),
    row('langchain', '`@langchain/openai`', '`invoke`, `stream`, loops of `bindTools`, `withStructuredOutput` in each of its methods. The `name` that it adds to tool results is ignored', '@langchain/openai', LANGCHAIN, 'invoke gives the text, the usage and the model', 'stream gives the pieces and at last the usage', 'a loop of bound tools is true history, ${form}', 'withStructuredOutput by functionCalling gives the object', 'withStructuredOutput by jsonMode gives the object', 'withStructuredOutput by jsonSchema gives the object'),
    row('ai-sdk', '`ai` with `@ai-sdk/openai-compatible` and the chat models of `@ai-sdk/openai`', '`generateText`, `streamText`, `generateObject`, `streamObject`, tools over several steps, reasoning', 'ai', AI_SDK, 'generateText gives the text and the usage, ${provider}', 'streamText gives the pieces and the usage, ${provider}', 'tools over several steps are true history, whole, ${provider}', 'tools over several steps are true history, streamed, ${provider}', 'thinking arrives as reasoning, ${form}', 'generateObject gives the object, ${provider}', 'streamObject gives the object, ${provider}'),
    row('agents', '`@openai/agents` on chat completions', '`run` with tools, handoffs and an output type. The `strict` of its tools, and `role`, `tool_calls` and `annotations` in its text parts, are ignored', '@openai/agents', AGENTS, 'an agent works its tools off, and the history stays true', 'an agent streams while it works its tools off', 'an agent hands over to another', 'an agent with an output type gives the object'),
    row('llamaindex', '`@llamaindex/openai`', '`chat`, `exec` with tools, objects through a tool call. When it streams, it looks for calls in the first chunk only, so it misses calls after text, as with OpenAI', '@llamaindex/openai', LLAMAINDEX, 'chat gives the text', 'chat streams the pieces', 'a loop of tools is true history, ${form}', 'exec with a response format gives the object, by a call', 'chat with a response format gives JSON'),
  ],
}; // prettier-ignore
