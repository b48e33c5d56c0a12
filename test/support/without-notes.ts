import type { ContentBlockParam, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { MessagesRequestBody } from './scripted-messages-api.ts';

/*
 * Without an API key the CLI adds notes to what a client wrote: its attribution as the first system block, and its
 * environment, the model and the date, once in a conversation: behind the first user message under the role `system`, or,
 * for older models, in front of its text.
 */

const ATTRIBUTION = 'x-anthropic-billing-header: ';
const REMINDER = '<system-reminder>';

/** Whether tests run on a process without an API key; see scripts/test.mjs. */
export const IS_WITHOUT_API_KEY = process.env['TEST_CREDENTIALS'] === 'oauth-token';

/** The body as the client wrote it, where it has the CLI's notes. Throws where a note stands anywhere else. */
export function withoutNotes(body: MessagesRequestBody): MessagesRequestBody {
  const { system, messages } = body;
  if (!Array.isArray(system) || system[0]?.text.startsWith(ATTRIBUTION) !== true) return body;
  const [first, ...others] = messages;
  if (!first) throw new Error('a request without messages');
  const rest = isNote(others[0]) ? others.slice(1) : others;
  if (rest.some((message) => isNote(message) || JSON.stringify(message).includes(REMINDER))) {
    throw new Error('a note of the CLI stands in the middle of a conversation');
  }
  const content = typeof first.content === 'string' ? first.content : withoutReminders(first.content);
  return { ...body, system: system.slice(1), messages: [{ role: 'user', content }, ...rest] };
}

function isNote(message: MessageParam | undefined): boolean {
  return (message?.role as string | undefined) === 'system';
}

function withoutReminders(content: readonly ContentBlockParam[]): ContentBlockParam[] {
  return content.filter((block) => block.type !== 'text' || !block.text.startsWith(REMINDER));
}
