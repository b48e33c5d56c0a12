import { z } from 'zod';
import { checkNesting } from '../../chat/dto/check-nesting.ts';
import { describeIssue } from '../../chat/dto/describe-issue.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import { itemSchema } from './item-schema.ts';

const MAX_METADATA_KEYS = 16;
/** Of one request, as OpenAI has it. */
const MAX_ITEMS = 20;

const MAX_PARAM_CHARACTERS = 200;

const metadata = z
  .record(z.string().max(64, 'a key must not be longer than 64 characters'), z.string().max(512))
  .refine(
    (value) => Object.keys(value).length <= MAX_METADATA_KEYS,
    `there can be no more than ${MAX_METADATA_KEYS} keys`,
  );

const createSchema = z.object({
  metadata: metadata.nullish(),
  items: z.array(itemSchema).max(MAX_ITEMS).nullish(),
  model: z.string().min(1).nullish(),
  system: z.string().nullish(),
});
const updateSchema = z.object({ metadata: metadata.nullable() });
const itemsSchema = z.object({ items: z.array(itemSchema).min(1).max(MAX_ITEMS) });

const ITEM_ID = z.string().min(1).max(200);
const pageSchema = z.object({
  after: ITEM_ID.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
});

export type CreateConversationBody = z.output<typeof createSchema>;
export type UpdateConversationBody = z.output<typeof updateSchema>;
export type PageQuery = z.output<typeof pageSchema>;
export type CreateItemsBody = z.output<typeof itemsSchema>;

/** Each throws a GatewayError of status 400 that names the first field that is wrong. */
export const parseCreateConversation = (body: unknown): CreateConversationBody => parse(createSchema, body ?? {});
export const parseUpdateConversation = (body: unknown): UpdateConversationBody => parse(updateSchema, body);
export const parseCreateItems = (body: unknown): CreateItemsBody => parse(itemsSchema, body);
export const parsePage = (query: unknown): PageQuery => parse(pageSchema, query);

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('The body of the request must be a JSON object.');
  }
  for (const [field, value] of Object.entries(body)) {
    if (typeof value === 'object' && value !== null) checkNesting(value, field);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (!issue) throw invalidRequest('The body of the request is not valid.');
  const { message, param, code } = describeIssue(issue, body);
  // The names of metadata are the client's own, of any length.
  const place = param.slice(0, MAX_PARAM_CHARACTERS);
  throw invalidRequest(message.replace(param, place), place, code);
}
