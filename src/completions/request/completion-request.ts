import { z } from 'zod';
import { listOf, recordOf } from '../../common/body/bounded-schemas.ts';
import { wrongType, toInvalidRequest } from '../../common/body/problem-words.ts';
import { readBody, type Read } from '../../common/body/read-body.ts';
import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import { longInteger } from '../../openai/long-integer.ts';

/*
 * The body of POST /v1/completions, after OpenAI's description of CreateCompletionRequest. Fields it does not name are
 * tolerated and listed in `unreadFields`; null means absent where OpenAI allows it.
 */

const requestSchema = z.object({
  model: z.string().min(1),
  // Read further by `textOf`, since a list can be of texts or of tokens.
  prompt: z.union([z.string(), z.array(z.unknown()).min(1)]),
  suffix: z.string().nullish(),
  echo: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), listOf(z.string(), { max: 4 })]).nullish(),
  n: z.int().min(1).max(128).nullish(),
  best_of: z.int().min(1).max(128).nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: recordOf(z.number()).nullish(),
  seed: longInteger.nullish(),
  user: z.string().nullish(),
});

// Compiles the schema now: the first request would wait for it.
requestSchema.safeParse({ model: 'm', prompt: '' });

export type CompletionRequest = Omit<Read<z.output<typeof requestSchema>>, 'prompt'> & {
  /** Not blank, unless there is a suffix that is not. */
  readonly prompt: string;
};

/** Throws a GatewayError of status 400 that names the first field that is wrong. */
export function parseCompletionRequest(body: unknown): CompletionRequest {
  const request = readBody(requestSchema, body);
  const prompt = textOf(request.prompt);
  if (prompt.trim() === '' && (request.suffix ?? '').trim() === '') {
    throw invalidRequest("Invalid 'prompt': it has no text.", 'prompt', 'empty_string');
  }
  return { ...request, prompt };
}

/** One prompt: a text, or a list of one. */
function textOf(prompt: string | readonly unknown[]): string {
  if (typeof prompt === 'string') return prompt;
  const [first] = prompt;
  if (typeof first === 'number' || Array.isArray(first)) {
    throw unsupported('Token arrays are not supported: send the prompt as a text.', 'prompt');
  }
  if (typeof first !== 'string') throw toInvalidRequest(wrongType('prompt[0]', 'a string', first));
  if (prompt.length > 1) {
    throw unsupported('At most one prompt is supported: send a request for each.', 'prompt');
  }
  return first;
}
