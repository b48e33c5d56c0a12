import { GatewayError, invalidRequest } from '../common/errors/gateway-error.ts';
import { ConversationFullError } from './store/conversation-full-error.ts';
import { StorageUnavailableError } from './store/storage-unavailable-error.ts';

export function conversationNotFound(id: string, param?: string): GatewayError {
  return notFound(`Conversation with id '${id.slice(0, 100)}' not found.`, 'conversation_not_found', param);
}

export function itemNotFound(id: string): GatewayError {
  return notFound(`Item with id '${id.slice(0, 100)}' not found.`, 'item_not_found');
}

function notFound(message: string, code: string, param?: string): GatewayError {
  return new GatewayError(404, 'invalid_request_error', message, { code, ...(param !== undefined && { param }) });
}

export function unknownCursor(): GatewayError {
  return invalidRequest("Invalid 'after': there is nothing with this id in the list.", 'after', 'invalid_value');
}

/** As many turns wait for the conversation as may. */
export function conversationBusy(): GatewayError {
  return new GatewayError(
    409,
    'invalid_request_error',
    'Another answer of this conversation is being made, and enough requests wait for it. Please try again later.',
    { param: 'conversation_id', code: 'conversation_busy', retryAfterSeconds: 1 },
  );
}

export function conversationWaitTimeout(): GatewayError {
  return new GatewayError(
    503,
    'service_unavailable',
    'The answers of this conversation that were asked for before took too long. Please try again.',
    { code: 'conversation_timeout', retryAfterSeconds: 1 },
  );
}

/** What the storage refused, or its failure, as what a client is told of it; anything else as it is. */
export function toStorageAnswer(error: unknown): unknown {
  if (error instanceof ConversationFullError) {
    const message = `The conversation is full: it can hold at most ${error.bound}. Please begin a new one.`;
    return invalidRequest(message, undefined, 'conversation_full', error);
  }
  if (!(error instanceof StorageUnavailableError)) return error;
  const message = `Conversations cannot be used now: ${error.message}. Answers without a conversation go on.`;
  return new GatewayError(503, 'service_unavailable', message, {
    code: 'storage_unavailable',
    retryAfterSeconds: 10,
    cause: error,
  });
}
