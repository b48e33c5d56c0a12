import { z } from 'zod';
import { listOf } from '../../../common/body/bounded-schemas.ts';

/*
 * What the messages of a request can hold, after OpenAI's description of ChatCompletionRequestMessageContentPart, and
 * those of Anthropic's blocks that have no counterpart among OpenAI's parts.
 */

export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({ url: z.string().min(1), detail: z.enum(['auto', 'low', 'high', 'original']).nullish() }),
});
const audioPart = z.object({ type: z.literal('input_audio') });
const filePart = z.object({
  type: z.literal('file'),
  file: z.object({
    file_data: z.string().nullish(),
    file_id: z.string().nullish(),
    filename: z.string().nullish(),
    // Ours, as the Responses API has it.
    file_url: z.string().nullish(),
  }),
});
const resultPart = z.discriminatedUnion('type', [textPart, imagePart, filePart]);
export const resultContent = z.union([z.string(), listOf(resultPart)]);

const toolResultPart = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: resultContent.nullish(),
  is_error: z.boolean().nullish(),
});
const toolUsePart = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: toolName,
  input: z.unknown().optional(),
});
const thinkingPart = z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().nullish() });
const redactedThinkingPart = z.object({ type: z.literal('redacted_thinking'), data: z.string() });

const userPart = z.discriminatedUnion('type', [textPart, imagePart, audioPart, filePart, toolResultPart]);
const assistantPart = z.discriminatedUnion('type', [
  textPart,
  refusalPart,
  toolUsePart,
  thinkingPart,
  redactedThinkingPart,
]);

export const textContent = z.union([z.string(), listOf(z.discriminatedUnion('type', [textPart]))]);
export const userContent = z.union([z.string(), listOf(userPart)]);
export const assistantContent = z.union([z.string(), listOf(assistantPart)]);

export type ResultPart = z.output<typeof resultPart>;
export type UserPart = z.output<typeof userPart>;
