import { hash } from 'node:crypto';
import type { AssistantBlock, ConversationMessage, Turn, UserBlock } from '../claude-cli/turn/turn.ts';
import { canonicalJson } from '../claude-cli/turn/canonical-json.ts';

/** Everything that shapes an answer, and its tenant. */
export interface KeyedRequest {
  readonly tenant: string;
  readonly turn: Turn;
  /** The number of requested choices. */
  readonly choices: number;
  /** What shapes the response besides its turn, including the API of the request. */
  readonly identity?: unknown;
}

/**
 * The key of an answer: the tenant, and a digest that is equal only for requests with the same meaning, however their JSON
 * is written. The ids of tool calls do not count, only which call a result belongs to: each answer gets new ids, so a
 * repeated tool loop differs from the first one only in these.
 */
export function responseCacheKey({ tenant, turn, choices, identity }: KeyedRequest): string {
  const numbers = new Map<string, string>();
  const history = turn.history.map((message) => numberCalls(message, numbers));
  const message = numberCalls(turn.message, numbers);
  const canonical = canonicalJson({
    tenant,
    turn: { ...turn, history, message },
    choices,
    identity,
  });
  // The digest contains no space.
  return `${hash('sha256', canonical, 'base64url')} ${tenant}`;
}

/** The tenant of a key. */
export function tenantOf(key: string): string {
  const [, ...tenant] = key.split(' ');
  return tenant.join(' ');
}

function numberCalls(message: ConversationMessage, numbers: Map<string, string>): object {
  const content: readonly (UserBlock | AssistantBlock)[] = message.content;
  return { ...message, content: content.map((block) => numberCall(block, numbers)) };
}

function numberCall(block: UserBlock | AssistantBlock, numbers: Map<string, string>): object {
  if (block.type === 'tool_use') return { ...block, json: undefined, id: numberOf(block.id, numbers) };
  if (block.type === 'tool_result') return { ...block, tool_use_id: numberOf(block.tool_use_id, numbers) };
  return block;
}

function numberOf(id: string, numbers: Map<string, string>): string {
  const known = numbers.get(id);
  if (known !== undefined) return known;
  const number = `call ${numbers.size}`;
  numbers.set(id, number);
  return number;
}
