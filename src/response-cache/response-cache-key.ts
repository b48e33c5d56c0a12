import { hash } from 'node:crypto';
import type { AssistantBlock, ConversationMessage, Turn, UserBlock } from '../claude-cli/turn/turn.ts';
import { canonicalJson } from '../claude-cli/turn/canonical-json.ts';

/** Everything that shapes an answer, and whose it is. */
export interface KeyedRequest {
  readonly tenant: string;
  readonly turn: Turn;
  /** How many choices are asked for. */
  readonly choices: number;
  /** What shapes the response beside its turn, the API that it is asked through included. */
  readonly identity?: unknown;
}

/**
 * The key of an answer: a digest that two requests share exactly when they ask the same of the same model for the same
 * tenant, however their JSON is written, and the tenant. The ids of tool calls do not count, only which call a result
 * belongs to: each answer gets ids of its own, so that a repeated loop of calls differs from the first one in nothing else.
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
  // A digest has no space in it.
  return `${hash('sha256', canonical, 'base64url')} ${tenant}`;
}

/** Whose answer a key is of. */
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
