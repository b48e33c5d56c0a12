import type { AssistantBlock } from '../claude-cli/turn.ts';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

interface OpenCall {
  /** The id as the client gave it. */
  readonly clientId: string;
  /** The id that the model sees: unique in the conversation, of the characters that the Messages API takes. */
  readonly modelId: string;
  /** Set for a call in the legacy form, which has no id. */
  readonly legacyName?: string;
}

/** Follows the tool calls of a conversation: which are made, which are answered, under which ids the model knows them. */
export class ToolCallLedger {
  private readonly usedIds = new Set<string>();
  private pending: OpenCall[] = [];

  /** Notes the calls of an assistant message and returns their blocks. */
  open(message: AssistantMessage, index: number): AssistantBlock[] {
    const calls = (message.tool_calls ?? []).map((call, callIndex) => {
      const path = `messages[${index}].tool_calls[${callIndex}]`;
      return this.openCall(call.id, call.function, `${path}.function.arguments`, undefined);
    });
    if (!message.function_call) return calls;
    const legacy = message.function_call;
    return [
      ...calls,
      this.openCall(`call_${index}`, legacy, `messages[${index}].function_call.arguments`, legacy.name),
    ];
  }

  /** The model's id of the call that a tool message answers. */
  answer(clientId: string, index: number): string {
    const call = this.pending.find((candidate) => candidate.clientId === clientId);
    if (!call) {
      throw invalidRequest(
        `Messages with role 'tool' must be a response to a preceding message with 'tool_calls': no open call has the id '${clientId}'.`,
        `messages[${index}].tool_call_id`,
      );
    }
    this.pending = this.pending.filter((candidate) => candidate !== call);
    return call.modelId;
  }

  /** The model's id of the call that a message of the legacy role `function` answers. */
  answerLegacy(name: string, index: number): string {
    const call = this.pending.find((candidate) => candidate.legacyName === name);
    if (!call) {
      throw invalidRequest(
        `Messages with role 'function' must be a response to a preceding 'function_call': '${name}' has not been called.`,
        `messages[${index}].name`,
      );
    }
    this.pending = this.pending.filter((candidate) => candidate !== call);
    return call.modelId;
  }

  /** Throws when calls are still without a result where the conversation goes on at `index`. */
  assertAnswered(index: number): void {
    if (this.pending.length === 0) return;
    const ids = this.pending.map(({ clientId }) => clientId).join(', ');
    throw invalidRequest(
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`,
      `messages[${index - 1}]`,
    );
  }

  private openCall(
    clientId: string,
    call: { name: string; arguments: string },
    path: string,
    legacyName: string | undefined,
  ): AssistantBlock {
    const modelId = this.uniqueId(clientId);
    this.pending.push({ clientId, modelId, ...(legacyName !== undefined && { legacyName }) });
    return {
      type: 'tool_use',
      id: modelId,
      name: call.name,
      input: parseArguments(call.arguments, path),
    };
  }

  private uniqueId(clientId: string): string {
    const base = clientId.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
    let id = base;
    for (let repeat = 2; this.usedIds.has(id); repeat += 1) id = `${base}_${repeat}`;
    this.usedIds.add(id);
    return id;
  }
}

function parseArguments(json: string, path: string): Record<string, unknown> {
  if (json.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw invalidRequest(`Invalid '${path}': the arguments of a call must be a JSON object.`, path);
}
