import type { z } from 'zod';
import { invalidRequest } from '../errors/gateway-error.ts';
import { describeIssue } from './describe-issue.ts';
import { toInvalidRequest } from './problem-words.ts';
import { unreadFields, type ChildPath } from './unread-fields.ts';

/** A body or query as parsed by a schema. */
export type Read<Value> = Value & {
  /** Paths of the fields that the schema does not know, without list indices. */
  readonly unreadFields: readonly string[];
};

/**
 * Throws a GatewayError of status 400 that names the first wrong field.
 *
 * @param childPath names the unread fields of a translated body
 */
export function readBody<Schema extends z.ZodType<object>>(
  schema: Schema,
  body: unknown,
  childPath?: ChildPath,
): Read<z.output<Schema>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('The body of the request must be a JSON object.');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ...parsed.data, unreadFields: unreadFields(body, parsed.data, childPath) };
  const issue = parsed.error.issues[0];
  if (!issue) throw invalidRequest('The body of the request is not valid.');
  throw toInvalidRequest(describeIssue(issue, body));
}
