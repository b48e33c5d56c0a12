import { z } from 'zod';
import { anyObject, listOf } from '../../common/body/bounded-schemas.ts';
import { checkEmbeddedJson } from '../../common/body/check-embedded-json.ts';
import { readBody, type Read } from '../../common/body/read-body.ts';
import { callArguments, itemSchema, unusedFields } from './item-schema.ts';

const MAX_METADATA_KEYS = 16;
/** Of one request, as OpenAI has it. */
const MAX_ITEMS = 20;

// The number of keys first, so that not more than these are looked at.
const metadata = anyObject()
  .refine(
    (value) => Object.keys(value).length <= MAX_METADATA_KEYS,
    `there can be no more than ${MAX_METADATA_KEYS} keys`,
  )
  .pipe(z.record(z.string().max(64, 'a key must not be longer than 64 characters'), z.string().max(512)));

const createSchema = z.object({
  metadata: metadata.nullish(),
  items: listOf(itemSchema, { max: MAX_ITEMS }).nullish(),
  model: z.string().min(1).nullish(),
  system: z.string().nullish(),
});
const updateSchema = z.object({ metadata: metadata.nullable() });
const itemsSchema = z.object({ items: listOf(itemSchema, { min: 1, max: MAX_ITEMS }) });

const ITEM_ID = z.string().min(1).max(200);
const pageSchema = z.object({
  after: ITEM_ID.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
});

export type CreateConversationBody = Read<z.output<typeof createSchema>>;
export type UpdateConversationBody = Read<z.output<typeof updateSchema>>;
export type PageQuery = Read<z.output<typeof pageSchema>>;
export type CreateItemsBody = Read<z.output<typeof itemsSchema>>;

/*
 * Each throws a GatewayError of status 400 that names the first field that is wrong. Known fields that have no effect are
 * among the unread ones.
 */

export function parseCreateConversation(body: unknown): CreateConversationBody {
  const read = readBody(createSchema, body ?? {});
  checkEmbeddedJson(callArguments(read.items ?? []));
  return { ...read, unreadFields: [...unusedFields(read.items ?? []), ...read.unreadFields] };
}

export function parseUpdateConversation(body: unknown): UpdateConversationBody {
  return readBody(updateSchema, body);
}

export function parseCreateItems(body: unknown): CreateItemsBody {
  const read = readBody(itemsSchema, body);
  checkEmbeddedJson(callArguments(read.items));
  return { ...read, unreadFields: [...unusedFields(read.items), ...read.unreadFields] };
}

export function parsePage(query: unknown): PageQuery {
  return readBody(pageSchema, query);
}
