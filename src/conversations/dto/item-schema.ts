import { z } from 'zod';
import type { EmbeddedJson } from '../../common/body/check-embedded-json.ts';
import { listOf } from '../../common/body/bounded-schemas.ts';

/*
 * The items that a conversation can be given, after OpenAI's description of InputItem as far as the model can be given
 * them. What OpenAI returns for an item is accepted as well.
 */

const inputText = z.object({ type: z.literal('input_text'), text: z.string() });
const plainText = z.object({ type: z.literal('text'), text: z.string() });
const outputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: listOf(z.unknown()).nullish(),
  logprobs: listOf(z.unknown()).nullish(),
});
const refusal = z.object({ type: z.literal('refusal'), refusal: z.string() });
const inputImage = z.object({
  type: z.literal('input_image'),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
  detail: z.string().nullish(),
});

const content = z.union([
  z.string(),
  listOf(z.discriminatedUnion('type', [inputText, plainText, outputText, refusal, inputImage]), { min: 1 }),
]);

const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const callId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');
const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens');

/** Of the item that this one is a copy of: it gets one of its own. */
const id = z.string().nullish();

const message = z.object({
  type: z.literal('message'),
  id,
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  status,
});
const functionCall = z.object({
  type: z.literal('function_call'),
  id,
  call_id: callId,
  name: toolName,
  arguments: z.string(),
  status,
});
const functionCallOutput = z.object({
  type: z.literal('function_call_output'),
  id,
  call_id: callId,
  output: z.union([z.string(), listOf(z.discriminatedUnion('type', [inputText, plainText, inputImage]))]),
  status,
});

const typedItem = z.discriminatedUnion('type', [message, functionCall, functionCallOutput]);
const untypedItem = message.extend({ type: message.shape.type.default('message') });

/** A message may leave out that it is one. */
export const itemSchema = z.unknown().transform((value, context): z.output<typeof typedItem> => {
  const isUntyped = typeof value === 'object' && value !== null && !('type' in value);
  const result = (isUntyped ? untypedItem : typedItem).safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined });
  return z.NEVER;
});

export type InputItem = z.output<typeof itemSchema>;
export type InputPart = Exclude<Extract<InputItem, { type: 'message' }>['content'], string>[number];

/** The texts in these items that are JSON. */
export function* callArguments(items: readonly InputItem[]): Iterable<EmbeddedJson> {
  for (const [index, item] of items.entries()) {
    if (item.type === 'function_call') yield { json: item.arguments, path: `items[${index}].arguments` };
  }
}

/** Paths of the known fields of these items that have no effect, in the form for a header. */
export function unusedFields(items: readonly InputItem[]): string[] {
  const unused = new Set<string>();
  for (const item of items) {
    // An item that is stored is complete.
    if ((item.status ?? 'completed') !== 'completed') unused.add('items.status');
    const [name, parts] =
      item.type === 'message' ? (['content', item.content] as const) : (['output', outputOf(item)] as const);
    if (typeof parts === 'string') continue;
    for (const part of parts) for (const field of unusedOf(part)) unused.add(`items.${name}.${field}`);
  }
  return [...unused];
}

function outputOf(item: Exclude<InputItem, { type: 'message' }>): string | readonly InputPart[] {
  return item.type === 'function_call_output' ? item.output : '';
}

function unusedOf(part: InputPart): string[] {
  if (part.type === 'input_image') return (part.detail ?? 'auto') === 'auto' ? [] : ['detail'];
  if (part.type !== 'output_text') return [];
  return (['annotations', 'logprobs'] as const).filter((field) => (part[field] ?? []).length > 0);
}
