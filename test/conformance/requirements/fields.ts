import { FIELDS_OF_TOOLS } from './fields-of-tools.ts';
import { FIELDS_WITHOUT_EFFECT } from './fields-without-effect.ts';
import { reaches } from './reaches.ts';
import { proof, type Section } from './requirement.ts';

const PARAMETERS = 'src/chat/request/map-parameters.spec.ts';
const TO_TURN = 'src/chat/request/to-turn.spec.ts';
const DTO = 'src/chat/request/dto/chat-completion-request.spec.ts';
const THINKING_TABLE = '${JSON.stringify(body)} on a model that is ${model} is ${JSON.stringify(expected)}';
const SAMPLING_TABLE = '${JSON.stringify(body)} on a model that is ${model} samples with ${JSON.stringify(expected)}';
const LIVE = 'test/contract/live-settings.spec.ts';

export const FIELDS: Section = {
  title: 'Fields',
  introduction:
    'A value that asks for the default behaviour (`n: 1`, `logprobs: false`, `presence_penalty: 0`, `null`, ...) is always accepted, and not named as ignored.',
  isByVerdict: true,
  requirements: [
    {
      id: 'field.model',
      name: '`model`',
      verdict: 'supported',
      how: "a name of `GET /v1/models` (the CLI's models and the operator's aliases), or a full Claude id, with or without a date. Upper case, a provider in front (`anthropic/`, `openai/`, `openrouter/anthropic/`) and a dot in the version (`claude-sonnet-4.5`) are accepted. Any other name gets 404 `model_not_found`. The response's `model` is the model that responded",
      source: 'schema CreateChatCompletionRequest.model',
      proofs: [
        proof('src/models/model-resolver.spec.ts', '${requested} is ${cliModel}', '${requested} is no model'),
        proof(
          'test/e2e/chat.spec.ts',
          'the models are the CLI’s own, each can be asked for, and an unknown one is model_not_found',
          'a completion has the answer, its own id, the model that answered and the usage of the CLI',
        ),
        proof(
          'test/e2e/start.spec.ts',
          'foreign names of models are mapped by models.aliases',
          'names of models with a provider in front, in upper case or with a dot reach the model as their plain id',
        ),
      ],
    },
    {
      id: 'field.messages',
      name: '`messages`',
      verdict: 'supported',
      how: 'see [Messages](#messages)',
      source: 'schema CreateChatCompletionRequest.messages',
      proofs: [
        proof('src/chat/request/chat-messages.spec.ts', 'an alternating history is kept'),
        proof(
          'test/e2e/fidelity.spec.ts',
          'a request behind ${historyLength} messages of history arrives exactly, on a fresh and on a rewound process',
        ),
      ],
    },
    {
      id: 'field.n',
      name: '`n`',
      verdict: 'supported',
      how: 'up to 128 choices, at most four at a time. `usage` and cost are sums. If one choice fails, the response fails',
      source: 'schema CreateChatCompletionRequest.n',
      proofs: [
        proof(
          'test/e2e/choices.spec.ts',
          'five choices on one process: five answers to the same request, their usage and cost summed',
          'five choices streamed: each has its own pieces and its own end, the usage comes once',
          'a choice that fails makes the whole answer fail, and the process serves on',
        ),
        proof(
          'src/answers/stages/choice-stage.spec.ts',
          'no more run at once than the pool can run, and never more than four',
        ),
      ],
    },
    {
      id: 'field.response-format',
      name: '`response_format`',
      verdict: 'supported',
      how: 'see [Structured output](#structured-output)',
      source: 'schema CreateChatCompletionRequest.response_format',
      proofs: [proof('test/e2e/structured-shapes.spec.ts', '${shape.name}: by ${shape.by}, whole and streamed')],
    },
    {
      id: 'field.store',
      name: '`store`',
      verdict: 'supported',
      how: 'see [Conversations](#conversations)',
      source: 'schema CreateChatCompletionRequest.store',
      proofs: [
        proof('test/e2e/conversations.spec.ts', 'store: false keeps it off the disk, and out of a stored conversation'),
      ],
    },
    {
      id: 'field.stream',
      name: '`stream`',
      verdict: 'supported',
      source: 'schema CreateChatCompletionRequest.stream',
      proofs: [
        proof('test/module/chat.spec.ts', 'a stream is events of chunks and [DONE], to the byte'),
        proof(
          'test/e2e/chat.spec.ts',
          'a stream begins with the role, gives the deltas as they come and ends with the reason and [DONE]',
        ),
      ],
    },
    {
      id: 'field.stream-options.include-usage',
      name: '`stream_options.include_usage`',
      verdict: 'supported',
      source: 'schema CreateChatCompletionRequest.stream_options',
      proofs: [
        proof('test/e2e/chat.spec.ts', 'include_usage adds a last chunk without choices; the others carry usage null'),
      ],
    },
    {
      id: 'field.temperature',
      name: '`temperature`',
      verdict: 'supported',
      how: '0 to 1; see below for values above 1',
      source: 'schema CreateChatCompletionRequest.temperature',
      proofs: [
        proof(PARAMETERS, SAMPLING_TABLE),
        proof(LIVE, 'temperature arrives, and is gone with the turn'),
        reaches('temperature'),
      ],
    },
    {
      id: 'field.top-p',
      name: '`top_p`',
      verdict: 'supported',
      source: 'schema CreateChatCompletionRequest.top_p',
      proofs: [
        proof(PARAMETERS, SAMPLING_TABLE),
        proof(LIVE, 'top_p arrives, and is gone with the turn'),
        reaches('top_p'),
      ],
    },
    {
      id: 'field.max-tokens',
      name: '`max_tokens`, `max_completion_tokens`',
      verdict: 'supported',
      how: 'if both are set, `max_completion_tokens` counts. `finish_reason` is `length` if the limit is reached',
      source: 'schema CreateChatCompletionRequest.max_completion_tokens',
      proofs: [
        proof(TO_TURN, '${JSON.stringify(body)} is honoured'),
        proof(LIVE, 'the most tokens to give out arrives, and is gone with the turn'),
        reaches('max_tokens', 'max_completion_tokens before max_tokens'),
        proof(
          'test/contract/turn.spec.ts',
          'the output limit ends the turn, and what the CLI would ask next never counts',
        ),
      ],
    },
    {
      id: 'field.stop',
      name: '`stop`',
      verdict: 'supported',
      how: 'a string, or a list of up to four strings',
      source: 'schema CreateChatCompletionRequest.stop',
      proofs: [
        proof(TO_TURN, '${JSON.stringify(body)} is honoured'),
        proof(LIVE, 'stop sequences arrives, and is gone with the turn'),
        reaches('a stop text', 'four stop texts'),
        proof(
          'test/e2e/parameters.spec.ts',
          'a stop text ends the answer, never shows and is told as the reason, streamed or not',
        ),
        proof(
          'test/contract/turn.spec.ts',
          'a stop sequence ends the turn, and what the CLI would ask next never counts',
        ),
      ],
    },
    {
      id: 'field.stop.blank',
      name: '`stop` sequences of white space only',
      verdict: 'supported',
      how: 'the Messages API refuses them, so this service applies them: it cuts the text, stops the model, and takes the completion tokens from the estimate of the CLI',
      source: 'guide Messages API: stop sequences must contain more than white space',
      proofs: [
        proof(
          'test/e2e/stop.spec.ts',
          '${JSON.stringify(stop)} ends the answer ${JSON.stringify(answer)} in deltas of ${deltaLength}, whole and streamed',
          'the model is stopped at the sequence, and the conversation holds what the client was told',
          'a sequence before a call ends the answer without the call',
          'thinking is not searched, and is kept',
          'each of several choices ends at a sequence of its own',
        ),
        proof(LIVE, 'no stop sequence of white space only arrives, and is gone with the turn'),
      ],
    },
    {
      id: 'field.reasoning-effort',
      name: '`reasoning_effort`',
      verdict: 'supported',
      how: '`none` turns thinking off if the model allows that; the models that the CLI lists do not. Default: `claude.default_reasoning_effort`',
      source: 'schema CreateChatCompletionRequest.reasoning_effort',
      proofs: [
        proof(
          PARAMETERS,
          THINKING_TABLE,
          'the default effort counts where the client does not say, and is never named as something it asked for',
        ),
        proof(LIVE, 'no thinking arrives, and is gone with the turn', 'effort arrives, and is gone with the turn'),
        reaches('no reasoning', 'a low effort of a model that has levels'),
      ],
    },
    {
      id: 'field.reasoning-effort.budget',
      name: '`reasoning_effort` for models with a thinking budget (Claude 3.7 to 4.5)',
      verdict: 'supported',
      how: 'the budget is 4,000, 10,000, 16,000, 20,000 or 24,000 tokens for `low`, `medium`, `high`, `xhigh` and `max`. It is at most 1,024 tokens plus 10%, 30%, 50%, 65% or 80% of the rest of the token limit',
      source: 'guide Messages API: max_tokens has to be above thinking.budget_tokens',
      proofs: [
        proof(
          'src/turns/thinking/thinking-budget.spec.ts',
          'each level has a higher budget than the one below it, at least 1024 and below the limit of the answer',
          'without a limit there is room for an answer of 8,000 tokens within the limit that the CLI sets',
        ),
        proof(LIVE, 'a budget for thinking arrives, and is gone with the turn'),
        reaches('a low effort', 'a medium effort', 'a high effort', 'a high effort within a limit'),
      ],
    },
    ...FIELDS_OF_TOOLS,
    {
      id: 'field.numbers',
      name: 'numeric fields',
      verdict: 'supported',
      how: "accepted in OpenAI's documented ranges; `seed` takes 64-bit integers, `max_tokens` starts at 1",
      source: 'schema CreateChatCompletionRequest',
      proofs: [
        proof(
          'src/chat/request/dto/number-ranges.spec.ts',
          "${field} is accepted from ${minimum ?? 'any number'} to ${maximum ?? 'any number'} and nowhere else",
          'the description has the numbers that are known, and no other',
        ),
      ],
    },
    {
      id: 'field.null',
      name: '`null` in an optional field',
      verdict: 'supported',
      how: 'same as leaving the field out',
      source: 'guide chat completions: optional fields are nullable',
      proofs: [
        proof(DTO, 'null is as good as absent for what is optional'),
        proof(TO_TURN, 'values that ask for what happens anyway are neither refused nor named'),
      ],
    },
    ...FIELDS_WITHOUT_EFFECT,
  ],
};
