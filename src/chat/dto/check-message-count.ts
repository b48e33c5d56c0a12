import { invalidRequest } from '../../common/errors/gateway-error.ts';

/** Throws a GatewayError of status 400 for a body with more messages than are taken. */
export function checkMessageCount(body: unknown, maxMessages: number): void {
  const messages = (body as { messages?: unknown } | null | undefined)?.messages;
  if (!Array.isArray(messages) || messages.length <= maxMessages) return;
  throw invalidRequest(
    `Invalid 'messages': array too long. Expected an array with maximum length ${maxMessages}, but got an array with length ${messages.length} instead.`,
    'messages',
    'array_above_max_length',
  );
}
