import { GatewayError, invalidRequest } from '../common/errors/gateway-error.ts';

export function conversationNotFound(id: string, param?: string): GatewayError {
  return notFound(`Conversation with id '${id.slice(0, 100)}' not found.`, 'conversation_not_found', param);
}

export function itemNotFound(id: string): GatewayError {
  return notFound(`Item with id '${id.slice(0, 100)}' not found.`, 'item_not_found');
}

function notFound(message: string, code: string, param?: string): GatewayError {
  return new GatewayError(404, message, { code, ...(param !== undefined && { param }) });
}

export function unknownCursor(): GatewayError {
  return invalidRequest("Invalid 'after': there is nothing with this id in the list.", 'after', 'invalid_value');
}

/** The conversation's queue is full. */
export function conversationBusy(): GatewayError {
  return new GatewayError(409, 'This conversation is busy and its queue is full. Please try again later.', {
    param: 'conversation_id',
    code: 'conversation_busy',
    retryAfterSeconds: 1,
  });
}

export function conversationWaitTimeout(): GatewayError {
  return new GatewayError(503, 'The earlier requests of this conversation took too long. Please try again.', {
    code: 'conversation_timeout',
    retryAfterSeconds: 1,
  });
}

/** The client disconnected before its request was served, so this error reaches no one. */
export function clientLeft(): GatewayError {
  return new GatewayError(499, 'The client closed the connection.');
}
