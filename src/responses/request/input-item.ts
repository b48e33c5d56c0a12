import { z } from 'zod';
import { listOf } from '../../common/body/bounded-schemas.ts';

/*
 * The items of `input`, after OpenAI's description of InputItem. What OpenAI returns for an item is accepted as well. Items
 * of other types are handed on as they are: agents send back whatever their history holds.
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
const inputFile = z.object({
  type: z.literal('input_file'),
  file_data: z.string().nullish(),
  file_id: z.string().nullish(),
  file_url: z.string().nullish(),
  filename: z.string().nullish(),
});

const part = z.discriminatedUnion('type', [inputText, plainText, outputText, refusal, inputImage, inputFile]);
const content = z.union([z.string(), listOf(part)]);
const resultPart = z.discriminatedUnion('type', [inputText, plainText, outputText, inputImage, inputFile]);
const output = z.union([z.string(), listOf(resultPart)]);

const id = z.string().nullish();
const status = z.string().nullish();
const namespace = z.string().nullish();

const message = z.object({
  type: z.literal('message').nullish(),
  id,
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  status,
  phase: z.unknown().optional(),
});

const schemas = {
  message,
  function_call: z.object({
    type: z.literal('function_call'),
    id,
    call_id: z.string(),
    name: z.string(),
    namespace,
    arguments: z.string(),
    status,
  }),
  function_call_output: z.object({ type: z.literal('function_call_output'), id, call_id: z.string(), output, status }),
  custom_tool_call: z.object({
    type: z.literal('custom_tool_call'),
    id,
    call_id: z.string(),
    name: z.string(),
    namespace,
    input: z.string(),
    status,
  }),
  custom_tool_call_output: z.object({
    type: z.literal('custom_tool_call_output'),
    id,
    call_id: z.string(),
    output,
    status,
  }),
  reasoning: z.object({
    type: z.literal('reasoning'),
    id,
    summary: listOf(z.unknown()).nullish(),
    content: listOf(z.unknown()).nullish(),
    encrypted_content: z.string().nullish(),
    status,
  }),
  item_reference: z.object({ type: z.literal('item_reference').nullish(), id: z.string().min(1) }),
};

type Schemas = typeof schemas;
type ItemType = keyof Schemas;

/** An item of a type that is understood. */
export type KnownItem = { [Type in ItemType]: z.output<Schemas[Type]> & { readonly type: Type } }[ItemType];
/** An item of another type, as it was sent. */
export interface OtherItem {
  readonly type: string;
  readonly [field: string]: unknown;
}
export type InputItem = { readonly known: KnownItem } | { readonly other: OtherItem };
export type ItemOf<Type extends ItemType> = Extract<KnownItem, { readonly type: Type }>;
export type InputPart = z.output<typeof part>;
export type MediaPart = Extract<InputPart, { type: 'input_image' | 'input_file' }>;

/** What was read of an item: a known one without the fields that it does not have. */
export type ReadItem = KnownItem | OtherItem;

/** A message may leave out that it is one, and a reference too. A string is a message of the user. */
export const inputItem = z.unknown().transform((value, context): ReadItem => {
  if (typeof value === 'string') return { type: 'message', role: 'user', content: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    context.issues.push({ code: 'invalid_type', expected: 'object', input: value });
    return z.NEVER;
  }
  const type = typeOf(value);
  if (typeof type !== 'string') {
    context.issues.push({ code: 'invalid_type', expected: 'string', path: ['type'], input: type });
    return z.NEVER;
  }
  if (!isKnownType(type)) return value as OtherItem;
  const result = schemas[type].safeParse(value);
  if (result.success) return { ...result.data, type };
  for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined });
  return z.NEVER;
});

/** An item by whether its type is understood. */
export function toInputItem(item: ReadItem): InputItem {
  return isKnownType(item.type) ? { known: item as KnownItem } : { other: item };
}

function typeOf(value: object): unknown {
  const { type, id: itemId } = value as { type?: unknown; id?: unknown };
  if (type !== undefined && type !== null) return type;
  return 'role' in value || itemId === undefined ? 'message' : 'item_reference';
}

function isKnownType(type: string): type is ItemType {
  return Object.hasOwn(schemas, type);
}
