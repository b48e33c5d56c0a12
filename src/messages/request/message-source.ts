import { invalidRequest, type GatewayError } from '../../common/errors/gateway-error.ts';
import type { ResolvedMedia } from '../../media/resolve-media.ts';
import type { UnansweredCallsError } from '../../turns/messages/arrange-messages.ts';
import type { MessageSource } from '../../turns/messages/message-source.ts';
import { isBlank } from '../../turns/messages/message-texts.ts';
import type { MessagesRequest } from './dto/messages-request.ts';
import { toDraft } from './to-draft.ts';

/** Anthropic's messages as the ones of a turn. */
export function messageSource({ messages, system }: MessagesRequest, media: ResolvedMedia): MessageSource {
  return {
    length: messages.length,
    system: [
      ...textsOf(system ?? ''),
      ...messages.flatMap(({ role, content }) => (role === 'system' ? textsOf(content) : [])),
    ],
    draft: (index, calls) => {
      const message = messages[index];
      if (!message || message.role === 'system') return undefined;
      return toDraft(message, { index, isLast: index === messages.length - 1 }, calls, media);
    },
  };
}

/** Calls without a result at the end of the messages, in Anthropic's words. */
export function unansweredCalls({ calls }: UnansweredCallsError): GatewayError {
  const ids = calls.map(({ clientId, modelId }) => (clientId === '' ? modelId : clientId)).join(', ');
  return invalidRequest(
    '`tool_use` ids were found without `tool_result` blocks immediately after: ' +
      `${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    calls[0]?.place?.path ?? 'messages',
  );
}

function textsOf(content: string | readonly { readonly text: string }[]): string[] {
  const texts = typeof content === 'string' ? [content] : content.map(({ text }) => text);
  return texts.filter((text) => !isBlank(text));
}
