import { invalidRequest } from '../errors/gateway-error.ts';

/** Throws a GatewayError of status 400 for a body with more than `maxMessages` messages. */
export function checkMessageCount(body: unknown, maxMessages: number): void {
  // At this point it is unknown which of the two fields the API reads.
  for (const field of ['messages', 'input'] as const) {
    const messages = (body as { messages?: unknown; input?: unknown } | null | undefined)?.[field];
    if (!Array.isArray(messages) || messages.length <= maxMessages) continue;
    throw invalidRequest(
      `Invalid '${field}': array too long. Expected an array with maximum length ${maxMessages}, but got an array with length ${messages.length} instead.`,
      field,
      'array_above_max_length',
    );
  }
}
