import { proof, type Proof, type Requirement, type Section } from './requirement.ts';

const BODY = 'src/chat/request/client-forms/to-openai-body.spec.ts';
const E2E = 'test/e2e/foreign-forms.spec.ts';
const FIELDS = '${what}: ${JSON.stringify(expected).slice(0, 60)}';
const TOLD = 'the model is given ${what}';
const ANTHROPIC = proof(E2E, "a body of Anthropic's Messages API, with its tools, blocks and thinking, is taken for what it means"); // prettier-ignore
const RESPONSES = proof(
  E2E,
  'a body of the Responses API on the chat path is answered as a chat completion, a call too',
);

function row(id: string, name: string, how: string, source: string, ...proofs: Proof[]): Requirement {
  return { id: `form.${id}`, name, verdict: 'supported', how, source, proofs };
}

export const CLIENT_FORMS: Section = {
  title: 'Other forms of a request',
  introduction: `Agents send bodies of Anthropic's Messages API, of the Responses API, or mixtures to \`/v1/chat/completions\`. The service
translates them; the response is a chat completion. Errors and \`x-claude-code-ignored\` use the client's field names. If a body also
has OpenAI's own field, that field counts and the other one is ignored.`,
  requirements: [
    row('blocks', '`tool_use` and `tool_result` parts', 'calls and results with `is_error`, in the same order. A call that is also in `tool_calls` counts once', 'own Anthropic: content blocks', proof(BODY, TOLD), proof('src/chat/request/chat-messages.spec.ts', 'calls and results in the form of Anthropic are the same', 'results in the form of Anthropic behind other parts stand before them', 'a call that is told in both forms is one'), ANTHROPIC),
    row('thinking-blocks', '`thinking` and `redacted_thinking` parts of an assistant message', 'sent to the model with their signature while it thinks; otherwise, or without a signature, ignored. If the Messages API refuses the thinking, the CLI asks again without it', 'own Anthropic: extended thinking', proof('src/chat/request/chat-messages.spec.ts', 'thinking with its signature stands where it stood', 'thinking that cannot be told vanishes: without its signature, at the end, alone'), proof('test/contract/history.spec.ts', 'thinking that the API refuses does not end a conversation: the CLI asks again without it'), proof(BODY, '${what} is named'), ANTHROPIC),
    row('media', "Anthropic's `image`, `document`, `search_result` parts; MCP's `image` parts; `input_text`, `input_image`, `input_file`, `output_text` parts; a string as `image_url`", 'the equivalent OpenAI part. A file by URL (`source.url`, `file_url`) is fetched like an image, and can be a PDF', 'own Anthropic, MCP and the Responses API: content', proof(BODY, TOLD), proof('src/chat/request/media-parts.spec.ts', 'a file by URL is fetched as an image is'), ANTHROPIC, RESPONSES),
    row('tools', 'tools in the form of Anthropic (`input_schema`), the Responses API (flat) or MCP (`inputSchema`)', 'functions', 'own Anthropic, MCP and the Responses API: tools', proof(BODY, FIELDS), ANTHROPIC, RESPONSES),
    row('tool-choice', '`tool_choice` as an object of type `auto`, `any`, `tool`, `none`, with `disable_parallel_tool_use`, or in the flat form', 'the equivalent OpenAI choice', 'own Anthropic and the Responses API: tool_choice', proof(BODY, FIELDS), ANTHROPIC, proof(E2E, "a loop of calls in Anthropic's words, mixed with OpenAI's, streams and goes on")),
    row('fields', '`system`, `stop_sequences`, `max_output_tokens`, `instructions`, `conversation`', 'a system text before all others (`system`, `instructions`), `stop`, `max_completion_tokens`, `conversation_id`', 'own Anthropic and the Responses API: fields', proof(BODY, FIELDS, TOLD), ANTHROPIC, RESPONSES),
    row('thinking', '`thinking`, `output_config.effort`, `reasoning.effort`, `.max_tokens`, `.enabled`', '`reasoning_effort`: `disabled` becomes `none`, `adaptive` becomes `high`. A budget becomes `low` up to 5,000 tokens, `medium` up to 12,000, else `high`, and is named as ignored', 'own Anthropic, OpenRouter and the Responses API: reasoning', proof(BODY, FIELDS, '${what} is named'), ANTHROPIC),
    row('format', '`text.format`, `output_config.format`, `output_format`', '`response_format`', 'own Anthropic and the Responses API: structured output', proof(BODY, FIELDS), proof(E2E, 'a format in the words of the Responses API holds the answer to it')),
    row('input', '`input` instead of `messages`: a string, or items of the Responses API', 'messages. Reasoning items are ignored, and named if they are not empty', 'own the Responses API: input', proof(BODY, TOLD), RESPONSES),
    {
      id: 'form.elsewhere',
      name: '`previous_response_id`, `prompt`, `background: true`',
      verdict: 'refused',
      how: '400 `unsupported_parameter`: a chat completion goes on by `conversation_id`; responses have [their own endpoint](compatibility-responses.md)',
      source: 'own the Responses API: fields',
      proofs: [proof(BODY, '${what} is refused under the name that the client used')],
    },
    row('errors', 'a wrong field', '`param` and the error message use the name that the client sent', 'schema ErrorResponse', proof(BODY, '${what} is refused under the name that the client used'), proof(E2E, 'a field that is wrong is named as the client wrote it, and the model is not asked'), proof('src/chat/request/request-fuzz.spec.ts', '6,000 generated bodies, most of them broken, are understood or refused in the right way')),
    row('ordinary', "a body in OpenAI's own form", 'unchanged', 'own cost of the hot path', proof(BODY, 'an ordinary body is left as it is, the same object')),
  ],
}; // prettier-ignore
