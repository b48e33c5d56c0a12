import { z } from 'zod';
import { listOf } from '../../../common/body/bounded-schemas.ts';

/* The blocks that messages can hold, after Anthropic's description of the Messages API. */

const OTHER = Symbol('type of a block that cannot be passed on');

/** A block of a type that its message cannot hold here; the rest is as the client sent it. */
export interface OtherBlock {
  readonly [OTHER]: string;
}

export function isOther(block: object): block is OtherBlock {
  return OTHER in block;
}

export function typeOfOther(block: OtherBlock): string {
  return block[OTHER];
}

/** One of the known types as its schema says, any other as an OtherBlock. */
function blockOf<Known extends z.ZodType>(
  types: readonly string[],
  known: Known,
): z.ZodType<z.output<Known> | OtherBlock> {
  return z.unknown().transform((value, context) => {
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
    if (typeof type === 'string' && !types.includes(type)) return { ...(value as object), [OTHER]: type };
    const result = known.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined });
    return z.NEVER;
  });
}

const textBlock = z.object({ type: z.literal('text'), text: z.string() });

const imageBlock = z.object({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
    z.object({ type: z.literal('url'), url: z.string().min(1) }),
    z.object({ type: z.literal('file'), file_id: z.string() }),
  ]),
});

const sourceBlock = blockOf(['text', 'image'], z.discriminatedUnion('type', [textBlock, imageBlock]));

const documentBlock = z.object({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.string(), data: z.string() }),
    z.object({ type: z.literal('text'), media_type: z.string().nullish(), data: z.string() }),
    z.object({ type: z.literal('content'), content: z.union([z.string(), listOf(sourceBlock)]) }),
    z.object({ type: z.literal('url'), url: z.string().min(1) }),
    z.object({ type: z.literal('file'), file_id: z.string() }),
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
});

const searchResultBlock = z.object({
  type: z.literal('search_result'),
  title: z.string(),
  source: z.string(),
  content: listOf(z.discriminatedUnion('type', [textBlock])),
});

const RESULT_TYPES = ['text', 'image', 'document', 'search_result'];
const resultBlock = z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock]);
const resultContent = z.union([z.string(), listOf(blockOf(RESULT_TYPES, resultBlock))]);

const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: resultContent.nullish(),
  is_error: z.boolean().nullish(),
});

const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.unknown().optional(),
  // Part of every answer, so clients send it back.
  caller: z.unknown().optional(),
});
const thinkingBlock = z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().nullish() });
const redactedThinkingBlock = z.object({ type: z.literal('redacted_thinking'), data: z.string() });

const userBlock = blockOf(
  [...RESULT_TYPES, 'tool_result'],
  z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock, toolResultBlock]),
);
const assistantBlock = blockOf(
  ['text', 'tool_use', 'thinking', 'redacted_thinking'],
  z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
);

export const textContent = z.union([z.string(), listOf(z.discriminatedUnion('type', [textBlock]))]);
export const userContent = z.union([z.string(), listOf(userBlock)]);
export const assistantContent = z.union([z.string(), listOf(assistantBlock)]);

export type ImageBlock = z.output<typeof imageBlock>;
export type DocumentBlock = z.output<typeof documentBlock>;
export type SearchResultBlock = z.output<typeof searchResultBlock>;
export type ResultBlock = z.output<typeof resultBlock> | OtherBlock;
export type UserContentBlock = Exclude<z.output<typeof userContent>, string>[number];
export type AssistantContentBlock = Exclude<z.output<typeof assistantContent>, string>[number];
