import { z } from 'zod';

/*
 * The items that a conversation can be given, after OpenAI's description of InputItem as far as the model can be given
 * them. What OpenAI returns for an item is accepted as well.
 */

const inputText = z.object({ type: z.literal('input_text'), text: z.string() });
const plainText = z.object({ type: z.literal('text'), text: z.string() });
const outputText = z.object({ type: z.literal('output_text'), text: z.string() });
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });
const inputImage = z.object({
  type: z.literal('input_image'),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
  detail: z.string().nullish(),
});

const content = z.union([
  z.string(),
  z.array(z.discriminatedUnion('type', [inputText, plainText, outputText, refusal, inputImage])).min(1),
]);

const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const callId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');

const message = z.object({
  type: z.literal('message'),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  status,
});
const functionCall = z.object({
  type: z.literal('function_call'),
  call_id: callId,
  name: toolName,
  arguments: z.string(),
  status,
});
const functionCallOutput = z.object({
  type: z.literal('function_call_output'),
  call_id: callId,
  output: z.union([z.string(), z.array(z.discriminatedUnion('type', [inputText, plainText, inputImage]))]),
  status,
});

/** A message may leave out that it is one. */
export const itemSchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('type' in value) ? { type: 'message', ...value } : value,
  z.discriminatedUnion('type', [message, functionCall, functionCallOutput]),
);

export type InputItem = z.output<typeof itemSchema>;
export type InputPart = Exclude<Extract<InputItem, { type: 'message' }>['content'], string>[number];

/** Paths of the fields of these items that are known and have no effect. */
export function unusedFields(items: readonly InputItem[]): string[] {
  const unused = new Set<string>();
  for (const item of items) {
    // An item that is stored is complete.
    if ((item.status ?? 'completed') !== 'completed') unused.add('items.status');
    const [name, parts] =
      item.type === 'message' ? (['content', item.content] as const) : (['output', outputOf(item)] as const);
    if (typeof parts !== 'string' && parts.some(isDetailed)) unused.add(`items.${name}.detail`);
  }
  return [...unused];
}

function outputOf(item: Exclude<InputItem, { type: 'message' }>): string | readonly InputPart[] {
  return item.type === 'function_call_output' ? item.output : '';
}

/** Whether an image is asked for in another detail than the model's own choice. */
function isDetailed(part: InputPart): boolean {
  return part.type === 'input_image' && (part.detail ?? 'auto') !== 'auto';
}
