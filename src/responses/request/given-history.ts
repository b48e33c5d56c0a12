import { invalidRequest } from '../../common/errors/gateway-error.ts';

/** What a request says that it goes on with. */
export interface GivenHistory {
  readonly previousResponseId: string | undefined;
  readonly conversationId: string | undefined;
}

/**
 * Read before everything else of the body, whose model may stand in it; a field of another type is refused where the body is
 * parsed. Throws a GatewayError of status 400 where a request names both, or two conversations.
 *
 * @param header the value of `x-conversation-id`
 */
export function givenHistory(body: unknown, header: string | undefined): GivenHistory {
  const { previous_response_id: previous, conversation } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const previousResponseId = typeof previous === 'string' ? previous : undefined;
  const inBody = idIn(conversation);
  const named = typeof inBody === 'string' ? inBody : undefined;
  if (named !== undefined && header !== undefined && named !== header) {
    throw invalidRequest(
      "The body and the header 'x-conversation-id' name different conversations.",
      'conversation',
      'invalid_value',
    );
  }
  const conversationId = named ?? header;
  if (previousResponseId !== undefined && conversationId !== undefined) {
    throw invalidRequest(
      "'previous_response_id' cannot be used together with 'conversation'.",
      'previous_response_id',
      'mutually_exclusive_parameters',
    );
  }
  return { previousResponseId, conversationId };
}

function idIn(conversation: unknown): unknown {
  if (typeof conversation !== 'object' || conversation === null) return conversation;
  return 'id' in conversation ? conversation.id : undefined;
}
