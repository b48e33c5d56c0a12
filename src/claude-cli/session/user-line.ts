import type { UserMessage } from '../turn/turn.ts';

/**
 * The input line of a user message.
 *
 * @param extra further fields: `shouldQuery: false` adds the message without a request to the model
 */
export function toUserLine(message: UserMessage, uuid: string, extra: object = {}): object {
  return {
    type: 'user',
    uuid,
    message,
    parent_tool_use_id: null,
    session_id: '',
    client_composed: true,
    ...extra,
  };
}
