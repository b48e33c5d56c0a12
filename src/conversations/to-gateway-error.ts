import { GatewayError, invalidRequest } from '../common/errors/gateway-error.ts';
import { ConversationFullError } from './store/conversation-full-error.ts';
import { StorageUnavailableError } from './store/storage-unavailable-error.ts';

/**
 * Maps a refusal or failure of the storage to a GatewayError; returns other errors unchanged.
 *
 * @param param the field of the body that adds to the conversation
 */
export function toGatewayError(error: unknown, param?: string): unknown {
  if (error instanceof ConversationFullError) {
    const message = `A conversation can hold at most ${error.bound}, which this request exceeds. Start a new conversation, or send less.`;
    return invalidRequest(message, param, 'conversation_full', error);
  }
  if (!(error instanceof StorageUnavailableError)) return error;
  const message = `Conversations are not available: ${error.message}. Requests without a conversation still work.`;
  return new GatewayError(503, message, {
    code: 'storage_unavailable',
    retryAfterSeconds: 10,
    cause: error,
  });
}

/** Runs work on the storage; it rejects with `toGatewayError` of what it throws. */
export async function withGatewayErrors<T>(work: () => Promise<T>, param?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toGatewayError(error, param);
  }
}
