import { reaches } from './reaches.ts';
import { proof, type Requirement } from './requirement.ts';

const PARAMETERS = 'src/chat/request/map-parameters.spec.ts';
const TO_TURN = 'src/chat/request/to-turn.spec.ts';
const DTO = 'src/chat/request/dto/chat-completion-request.spec.ts';
const THINKING_TABLE = '${JSON.stringify(body)} on a model that is ${model} is ${JSON.stringify(expected)}';
const SAMPLING_TABLE = '${JSON.stringify(body)} on a model that is ${model} samples with ${JSON.stringify(expected)}';

function refused(field: string, name = `\`${field}\``, how?: string): Requirement {
  return {
    id: `field.${field.replaceAll('_', '-')}`,
    name,
    verdict: 'refused',
    ...(how && { how }),
    source: `schema CreateChatCompletionRequest.${field}`,
    proofs: [proof(TO_TURN, `${field} changes the answer and is refused`)],
  };
}

function ignored(field: string, how?: string): Requirement {
  return {
    id: `field.${field.replaceAll('_', '-')}`,
    name: `\`${field}\``,
    verdict: 'ignored and named',
    ...(how && { how }),
    source: `schema CreateChatCompletionRequest.${field}`,
    proofs: [proof(TO_TURN, `${field} has no effect and is named, or refused where that is wanted`)],
  };
}

/** Fields, or values of them, that are refused, or ignored and named. */
export const FIELDS_WITHOUT_EFFECT: readonly Requirement[] = [
  {
    id: 'field.stop.empty',
    name: 'an empty text as `stop`',
    verdict: 'refused',
    source: 'schema StopConfiguration',
    proofs: [proof(PARAMETERS, 'the empty stop sequence of ${JSON.stringify(stop)} is refused')],
  },
  refused('logprobs'),
  refused('top_logprobs'),
  refused('audio'),
  refused('modalities', '`modalities` with audio'),
  refused('web_search_options'),
  {
    id: 'field.moderation',
    name: '`moderation`',
    verdict: 'refused',
    source: 'schema CreateChatCompletionRequest.moderation',
    proofs: [proof('test/conformance/openai-errors.spec.ts', '${field} is refused by its name')],
  },
  {
    id: 'field.tools.custom',
    name: '`tools` of `type: custom`',
    verdict: 'refused',
    source: 'schema CustomToolChatCompletions',
    proofs: [proof(DTO, 'refused: ${message}')],
  },
  ignored('seed'),
  ignored('presence_penalty'),
  ignored('logit_bias'),
  ignored('user'),
  ignored('metadata'),
  ignored('service_tier', 'other than `auto` and `default`'),
  ignored('prediction'),
  ...[
    'frequency_penalty',
    'safety_identifier',
    'verbosity',
    'prompt_cache_key',
    'prompt_cache_retention',
    'prompt_cache_options',
  ].map((field): Requirement => ({
    ...ignored(field),
    proofs: [proof('test/conformance/openai-create.spec.ts', '${field} has no effect and is named in the header')],
  })),
  {
    id: 'field.temperature.above-one',
    name: '`temperature` above 1',
    verdict: 'ignored and named',
    how: '1 is used',
    source: 'guide Messages API: temperature is 0 to 1',
    proofs: [proof(TO_TURN, 'sampling is left out and named where the model thinks')],
  },
  {
    id: 'field.temperature.thinking',
    name: '`temperature`, `top_p` while the model thinks',
    verdict: 'ignored and named',
    source: 'guide Messages API: thinking is not compatible with sampling parameters',
    proofs: [
      proof(PARAMETERS, SAMPLING_TABLE),
      proof(TO_TURN, 'sampling is left out and named where the model thinks'),
    ],
  },
  {
    id: 'field.top-p.temperature',
    name: '`top_p` together with a `temperature` below 1',
    verdict: 'ignored and named',
    source: 'guide Messages API: models refuse both at once',
    proofs: [proof(PARAMETERS, SAMPLING_TABLE)],
  },
  {
    id: 'field.reasoning-effort.nearest',
    name: '`reasoning_effort` of a level that the model lacks',
    verdict: 'ignored and named',
    how: 'the nearest it has is used',
    source: 'schema ReasoningEffort',
    proofs: [
      proof(PARAMETERS, THINKING_TABLE),
      proof(TO_TURN, 'thinking follows reasoning_effort as far as the model goes'),
    ],
  },
  {
    id: 'field.reasoning-effort.off',
    name: '`reasoning_effort` where the Messages API refuses to think',
    verdict: 'ignored and named',
    how: 'when `tool_choice` forces a call and the model can do without thinking; when the limit of the answer is 1,024 tokens or less and the model thinks within a budget; for models before Claude 3.7',
    source: 'guide Messages API: thinking is not compatible with a forced tool or a small max_tokens',
    proofs: [proof(PARAMETERS, THINKING_TABLE), reaches('an effort of a model that does not think')],
  },
  {
    id: 'field.stream-options.include-obfuscation',
    name: '`stream_options.include_obfuscation: true`',
    verdict: 'ignored and named',
    source: 'schema ChatCompletionStreamOptions',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.tools.strict',
    name: '`strict: true` of a function',
    verdict: 'ignored and named',
    source: 'schema FunctionObject.strict',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.messages.name',
    name: '`name` of a message',
    verdict: 'ignored and named',
    how: 'as `messages.name`',
    source: 'schema ChatCompletionRequestUserMessage.name',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.messages.annotations',
    name: '`annotations` of a message',
    verdict: 'ignored and named',
    how: 'as `messages.annotations`, unless the list is empty',
    source: 'schema ChatCompletionResponseMessage.annotations',
    proofs: [proof(TO_TURN, 'annotations that an answer was sent with can be sent back')],
  },
  {
    id: 'field.messages.prompt-cache-breakpoint',
    name: '`prompt_cache_breakpoint` of a part',
    verdict: 'ignored and named',
    how: 'as `messages.content.prompt_cache_breakpoint`; the CLI sets its own',
    source: 'schema ChatCompletionRequestMessageContentPartText.prompt_cache_breakpoint',
    proofs: [
      proof(
        'test/conformance/openai-create.spec.ts',
        'prompt_cache_breakpoint of a part has no effect and is named in the header',
      ),
    ],
  },
  {
    id: 'field.unknown',
    name: 'a field that OpenAI does not describe',
    verdict: 'ignored and named',
    how: 'with its path without positions, as in `top_k` or `messages.content.cache_control`',
    source: 'client @langchain/openai, ai and others send fields of other providers',
    proofs: [
      proof(TO_TURN, 'unknown_field has no effect and is named, or refused where that is wanted'),
      proof(DTO, 'fields that nobody reads are listed once, without their positions, and those that are null are not'),
    ],
  },
];
