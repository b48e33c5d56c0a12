import { invalidRequest } from '../../common/errors/gateway-error.ts';

/**
 * The id of the conversation that a request names. Throws a GatewayError of status 400 where body and header differ.
 *
 * @param header the value of `x-conversation-id`
 */
export function givenConversationId(body: unknown, header: string | undefined): string | undefined {
  const field =
    typeof body === 'object' && body !== null && 'conversation_id' in body ? body.conversation_id : undefined;
  // Of another type it is refused where the body is understood.
  const inBody = typeof field === 'string' ? field : undefined;
  if (inBody !== undefined && header !== undefined && inBody !== header) {
    throw invalidRequest(
      "The body and the header 'x-conversation-id' name different conversations.",
      'conversation_id',
      'invalid_value',
    );
  }
  return inBody ?? header;
}
