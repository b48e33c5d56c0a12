import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { UnansweredCallsError } from '../../turns/messages/arrange-messages.ts';
import { isBlank } from '../../turns/messages/message-texts.ts';
import type { MessageSource } from '../../turns/messages/message-source.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';
import { toDraft } from './to-draft.ts';

/** OpenAI's messages as the ones of a turn. */
export function chatMessages(messages: readonly ChatMessage[], media: ResolvedMedia): MessageSource {
  return {
    length: messages.length,
    system: systemTexts(messages),
    draft: (index, calls) => {
      const message = messages[index];
      if (!message || message.role === 'system' || message.role === 'developer') return undefined;
      return toDraft(message, index, calls, media);
    },
  };
}

/** Calls without a result at the end of the messages, in OpenAI's words. */
export function unansweredCalls({ calls }: UnansweredCallsError): GatewayError {
  const ids = calls.map(({ clientId, modelId }) => (clientId === '' ? modelId : clientId)).join(', ');
  return invalidRequest(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`,
    calls[0]?.place?.path ?? 'messages',
  );
}

function systemTexts(messages: readonly ChatMessage[]): string[] {
  return messages.flatMap((message) => {
    if (message.role !== 'system' && message.role !== 'developer') return [];
    const { content } = message;
    const text = typeof content === 'string' ? content : content.map((part) => part.text).join('\n');
    return isBlank(text) ? [] : [text];
  });
}
