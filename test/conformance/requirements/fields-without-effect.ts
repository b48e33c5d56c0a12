import { reaches } from './reaches.ts';
import { proof, type Requirement } from './requirement.ts';

const PARAMETERS = 'src/chat/request/map-parameters.spec.ts';
const TO_TURN = 'src/chat/request/to-turn.spec.ts';
const DTO = 'src/chat/request/dto/chat-completion-request.spec.ts';
const THINKING_TABLE = '${JSON.stringify(body)} on a model that is ${model} is ${JSON.stringify(expected)}';
const SAMPLING_TABLE = '${JSON.stringify(body)} on a model that is ${model} samples with ${JSON.stringify(expected)}';

function refused(field: string, name = `\`${field}\``): Requirement {
  return {
    id: `field.${field.replaceAll('_', '-')}`,
    name,
    verdict: 'refused',
    how: '400 `unsupported_parameter`',
    source: `schema CreateChatCompletionRequest.${field}`,
    proofs: [proof(TO_TURN, `${field} changes the answer and is refused`)],
  };
}

function ignored(field: string, how?: string): Requirement {
  return {
    id: `field.${field.replaceAll('_', '-')}`,
    name: `\`${field}\``,
    verdict: 'ignored',
    ...(how && { how }),
    source: `schema CreateChatCompletionRequest.${field}`,
    proofs: [proof(TO_TURN, `${field} has no effect and is named, or refused where that is wanted`)],
  };
}

/** Fields and values that are refused or ignored. */
export const FIELDS_WITHOUT_EFFECT: readonly Requirement[] = [
  {
    id: 'field.stop.empty',
    name: 'an empty string in `stop`',
    verdict: 'refused',
    how: '400 `empty_string`',
    source: 'schema StopConfiguration',
    proofs: [proof(PARAMETERS, 'the empty stop sequence of ${JSON.stringify(stop)} is refused')],
  },
  refused('logprobs'),
  refused('top_logprobs'),
  refused('audio'),
  refused('modalities', '`modalities` with `audio`'),
  refused('web_search_options'),
  {
    id: 'field.moderation',
    name: '`moderation`',
    verdict: 'refused',
    how: '400 `unsupported_parameter`',
    source: 'schema CreateChatCompletionRequest.moderation',
    proofs: [proof('test/conformance/openai-errors.spec.ts', '${field} is refused by its name')],
  },
  {
    id: 'field.tools.custom',
    name: '`tools` of `type: custom`',
    verdict: 'refused',
    how: '400 `invalid_value`',
    source: 'schema CustomToolChatCompletions',
    proofs: [proof(DTO, 'refused: ${message}')],
  },
  ignored('seed'),
  ignored('presence_penalty'),
  ignored('logit_bias'),
  ignored('user'),
  ignored('metadata'),
  ignored('service_tier', 'values other than `auto` and `default`'),
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
    verdict: 'ignored',
    how: 'the model gets 1',
    source: 'guide Messages API: temperature is 0 to 1',
    proofs: [proof(TO_TURN, 'sampling is left out and named where the model thinks')],
  },
  {
    id: 'field.temperature.thinking',
    name: '`temperature` and `top_p` while the model thinks',
    verdict: 'ignored',
    source: 'guide Messages API: thinking is not compatible with sampling parameters',
    proofs: [
      proof(PARAMETERS, SAMPLING_TABLE),
      proof(TO_TURN, 'sampling is left out and named where the model thinks'),
    ],
  },
  {
    id: 'field.top-p.temperature',
    name: '`top_p` beside a `temperature` below 1',
    verdict: 'ignored',
    source: 'guide Messages API: models refuse both at once',
    proofs: [proof(PARAMETERS, SAMPLING_TABLE)],
  },
  {
    id: 'field.reasoning-effort.nearest',
    name: 'a `reasoning_effort` that the model does not have',
    verdict: 'ignored',
    how: 'the model gets the nearest level that it has',
    source: 'schema ReasoningEffort',
    proofs: [
      proof(PARAMETERS, THINKING_TABLE),
      proof(TO_TURN, 'thinking follows reasoning_effort as far as the model goes'),
    ],
  },
  {
    id: 'field.reasoning-effort.off',
    name: '`reasoning_effort` if the Messages API does not allow thinking',
    verdict: 'ignored',
    how: 'this is the case if `tool_choice` forces a call and the model can turn thinking off; if the token limit is 1,024 or less and the model has a thinking budget; and for models before Claude 3.7',
    source: 'guide Messages API: thinking is not compatible with a forced tool or a small max_tokens',
    proofs: [proof(PARAMETERS, THINKING_TABLE), reaches('an effort of a model that does not think')],
  },
  {
    id: 'field.stream-options.include-obfuscation',
    name: '`stream_options.include_obfuscation: true`',
    verdict: 'ignored',
    source: 'schema ChatCompletionStreamOptions',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.tools.strict',
    name: '`strict: true` in a function',
    verdict: 'ignored',
    source: 'schema FunctionObject.strict',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.messages.name',
    name: '`name` of a message',
    verdict: 'ignored',
    how: 'named as `messages.name`',
    source: 'schema ChatCompletionRequestUserMessage.name',
    proofs: [proof(TO_TURN, 'fields further down that have no effect are named too')],
  },
  {
    id: 'field.messages.annotations',
    name: '`annotations` of a message',
    verdict: 'ignored',
    how: 'named as `messages.annotations`; an empty list is accepted',
    source: 'schema ChatCompletionResponseMessage.annotations',
    proofs: [proof(TO_TURN, 'annotations that an answer was sent with can be sent back')],
  },
  {
    id: 'field.messages.prompt-cache-breakpoint',
    name: '`prompt_cache_breakpoint` of a content part',
    verdict: 'ignored',
    how: 'named as `messages.content.prompt_cache_breakpoint`; the CLI sets its own breakpoints',
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
    name: 'any field that OpenAI does not document',
    verdict: 'ignored',
    how: 'named by its path without list positions, for example `top_k` or `messages.content.cache_control`',
    source: 'client @langchain/openai, ai and others send fields of other providers',
    proofs: [
      proof(TO_TURN, 'unknown_field has no effect and is named, or refused where that is wanted'),
      proof(DTO, 'fields that nobody reads are listed once, without their positions, and those that are null are not'),
    ],
  },
];
