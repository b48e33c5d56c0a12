import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const E2E = 'test/e2e/completions.spec.ts';
const DOOR = 'test/module/completions.spec.ts';
const DTO = 'src/completions/request/completion-request.spec.ts';
const TO_TURN = 'src/completions/request/to-turn.spec.ts';
const FORM = 'src/completions/response/to-text-completion.spec.ts';

function row(field: string, name: string, how: string, verdict: Verdict, ...proofs: Proof[]): Requirement {
  const id = `completions.${field.replaceAll('_', '-')}`;
  return { id, name, verdict, how, source: `schema CreateCompletionRequest.${field.split('.')[0]}`, proofs };
}

const honoured = proof(TO_TURN, '${JSON.stringify(body)} is honoured');
const refused = proof(TO_TURN, '${JSON.stringify(body)} is refused');

function ignored(field: string, how: string): Requirement {
  const title = `${field} has no effect and is named, or refused where that is wanted`;
  return row(field, `\`${field}\``, how, 'ignored', proof(TO_TURN, title));
}

export const COMPLETIONS: Section = {
  title: 'Legacy completions',
  introduction:
    '`POST /v1/completions` is for editors and older clients. The prompt is the message of a chat without system texts and without a history: the model answers it, and continues a text if the prompt asks for that.',
  isByVerdict: true,
  requirements: [
    row('model', '`model`', 'as in chat completions', 'supported', proof(E2E, 'a prompt is completed whole, under the parameters of the request')),
    row('prompt', '`prompt`', 'a text that is not blank, or a list of one; it reaches the model as it is', 'supported', proof(TO_TURN, 'the prompt is the message of the user, as it is, after nothing'), proof(DTO, 'a list of one prompt is this prompt'), proof(E2E, 'a prompt after another one is a request by itself')),
    row('suffix', '`suffix`', 'the model reads it after the prompt, with the instruction to write only what belongs between the two', 'supported', proof(TO_TURN, 'of a suffix the model is told in words', 'before a suffix alone there is no text above'), proof(E2E, 'the model reads what comes before and after the gap that it fills')),
    row('echo', '`echo`', 'each choice begins with the prompt', 'supported', proof(FORM, 'an answer of ${name} says the same whole and streamed, with and without the prompt before it', 'choices that come in turn keep their texts, their echo and their reasons apart')),
    row('max_tokens', '`max_tokens`', "no limit without it: OpenAI's default of 16 would cut most responses", 'supported', honoured, proof(E2E, 'without max_tokens the answer is not cut at 16 tokens, as OpenAI’s would be')),
    row('stop', '`stop`', 'a text, or a list of up to 4', 'supported', honoured),
    row('temperature', '`temperature`', 'with the exceptions of chat completions', 'supported', honoured, proof(TO_TURN, 'sampling is left out and named where the model thinks', 'a temperature above 1 is 1, and named')),
    row('top_p', '`top_p`', 'with the exceptions of chat completions', 'supported', honoured),
    row('n', '`n`', '1 to 128; each choice is a turn of its own', 'supported', proof(DOOR, 'each of n choices is a turn of its own')),
    row('stream', '`stream`', 'server-sent events, each a `text_completion` with a piece of the text, then `[DONE]`', 'supported', proof(DOOR, 'a stream is events of chunks and [DONE], to the byte', 'a failure in mid-stream is the last event, without [DONE]'), proof(FORM, 'the chunks of a stream are text completions whose reason comes last')),
    row('stream_options', '`stream_options.include_usage`', 'a last chunk without choices has the usage', 'supported', proof(FORM, 'include_usage adds a chunk without choices that has the usage of all choices; that of the others is null'), proof(E2E, 'a prompt is completed as a stream, with its usage last')),
    {
      id: 'completions.answer',
      name: 'the response',
      verdict: 'supported',
      how: 'an id of `cmpl-` and 29 letters and digits; `logprobs` is null; `finish_reason` is `stop`, `length` or, for a refusal, `content_filter`; thinking is no part of the text. The headers are those of chat completions',
      source: 'schema CreateCompletionResponse',
      proofs: [
        proof(FORM, 'an answer of ${name} becomes one text completion', 'an id is cmpl- and 29 letters and digits, another one each time'),
        proof(DOOR, 'a whole answer is one text completion, with its cost and its timing', 'a failure before the first piece is an HTTP error, ${form}'),
      ],
    },
    {
      id: 'completions.conversation',
      name: 'conversations',
      verdict: 'supported',
      how: 'there are none: the service stores nothing of a completion, the response has no conversation id, and `conversation_id` and `x-conversation-id` are ignored and named',
      source: 'own a completion is a request by itself',
      proofs: [proof(DOOR, 'a completion belongs to no conversation: it names none, stores none and continues none')],
    },
    row('prompt.tokens', '`prompt` of tokens, or of several texts', '400 `unsupported_parameter`; send a request for each text', 'refused', proof(DTO, 'a prompt of tokens is refused', 'prompts of tokens is refused', 'two prompts is refused')),
    row('prompt.blank', 'a blank `prompt` without a `suffix`', '400 `empty_string`', 'refused', proof(DTO, 'an empty prompt is refused', 'a prompt and a suffix of white space is refused')),
    row('logprobs', '`logprobs`', '400 `unsupported_parameter`', 'refused', refused),
    row('best_of', '`best_of` other than `n`', '400 `unsupported_parameter`; below `n` 400 `invalid_value`, as at OpenAI', 'refused', refused),
    ignored('seed', 'with `cache.enabled` another seed is another request'),
    ignored('user', ''),
    ignored('presence_penalty', '0 is accepted'),
    ignored('frequency_penalty', '0 is accepted'),
    ignored('logit_bias', 'an empty object is accepted'),
  ],
}; // prettier-ignore
