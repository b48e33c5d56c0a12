import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import { isOther, typeOfOther, type UserContentBlock } from './dto/content-blocks.ts';
import { isClientTool, type MessagesRequest } from './dto/messages-request.ts';

/** The fields without effect. Throws a GatewayError of status 400 for one that changes the answer and is not available. */
export function checkParameters(request: MessagesRequest): string[] {
  const { thread, container, mcp_servers: servers, context_management: management, service_tier: tier } = request;
  if (isGiven(thread)) throw noThreads();
  if (isGiven(container)) throw notAvailable('container');
  if (isGiven(servers) && !(Array.isArray(servers) && servers.length === 0)) throw notAvailable('mcp_servers');
  return [
    ...(isGiven(management) ? ['context_management'] : []),
    ...(isGiven(request.metadata) ? ['metadata'] : []),
    ...(isGiven(tier) && tier !== 'auto' ? ['service_tier'] : []),
    ...(request.tools ?? []).flatMap((tool) => (isClientTool(tool) ? [] : [`tools.${tool.type} (not available)`])),
    ...((request.tools ?? []).some((tool) => isClientTool(tool) && tool.strict === true) ? ['tools.strict'] : []),
    ...messageHints(request),
    ...request.unreadFields,
  ];
}

/** What of the messages is not passed on as it is, in words for a header. */
function messageHints({ messages }: MessagesRequest): string[] {
  const hints = new Set<string>();
  for (const { role, content } of messages) {
    if (role === 'system' || typeof content === 'string') continue;
    for (const block of content) {
      if (isOther(block)) hints.add(`messages.content.${typeOfOther(block)} (passed on as text)`);
      else if (block.type === 'thinking' && !block.signature) hints.add('messages.content.thinking (without a signature)');
      else if (block.type === 'tool_result') for (const type of othersIn(block)) hints.add(`messages.content.content.${type} (passed on as text)`); // prettier-ignore
    }
  }
  return [...hints];
}

function othersIn(block: UserContentBlock): string[] {
  if (isOther(block) || block.type !== 'tool_result' || !Array.isArray(block.content)) return [];
  return block.content.flatMap((inner) => (isOther(inner) ? [typeOfOther(inner)] : []));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function notAvailable(field: string): Error {
  return unsupported(`Unsupported parameter: '${field}' is not supported by this service.`, field);
}

/** With this code the SDK sends the whole history instead. */
function noThreads(): Error {
  const message = 'This service holds no threads: send all messages, or the header x-conversation-id.';
  return invalidRequest(message, 'thread', 'thread_unsupported_request');
}
