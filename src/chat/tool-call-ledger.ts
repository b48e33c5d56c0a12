import type { AssistantBlock, ConversationMessage } from '../claude-cli/turn.ts';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import { parseArguments } from '../common/body/parse-arguments.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

interface OpenCall {
  /** The id as the client gave it. */
  readonly clientId: string;
  /** The id that the model sees: unique in the conversation, of the characters that the Messages API takes. */
  readonly modelId: string;
  /** The position of the message that made the call; undefined for one that is held. */
  readonly messageIndex: number | undefined;
  /** Set for a call in the legacy form, which has no id. */
  readonly legacyName?: string;
}

/** Follows the tool calls of a conversation: which are made, which are answered, under which ids the model knows them. */
export class ToolCallLedger {
  private readonly usedIds = new Set<string>();
  private readonly usedStems = new Set<string>();
  /** By the id that repeats: where the search for a free one goes on. */
  private readonly nextRepeats = new Map<string, number>();
  private readonly pending: OpenCall[] = [];

  /** @param held what was said before the messages that are followed */
  constructor(held: readonly ConversationMessage[] = []) {
    for (const { content } of held) {
      for (const block of content) {
        if (block.type === 'tool_use') this.resume(block);
        else if (block.type === 'tool_result') this.close(block.tool_use_id);
      }
    }
  }

  /** Notes the calls of an assistant message and returns their blocks. */
  open(message: AssistantMessage, index: number): AssistantBlock[] {
    const calls = (message.tool_calls ?? []).map((call, callIndex) => {
      const path = `messages[${index}].tool_calls[${callIndex}].function.arguments`;
      return this.openCall({ clientId: call.id, messageIndex: index }, call.function, path);
    });
    if (!message.function_call) return calls;
    const legacy = message.function_call;
    const call = { clientId: `call_${index}`, messageIndex: index, legacyName: legacy.name };
    return [...calls, this.openCall(call, legacy, `messages[${index}].function_call.arguments`)];
  }

  /** The model's id of the call that a tool message answers. */
  answer(clientId: string, index: number): string {
    const call =
      this.pending.find((candidate) => candidate.clientId === clientId) ??
      // One that is held is known by the id that the model was given.
      this.pending.find((candidate) => candidate.modelId === toModelId(clientId));
    if (!call) {
      throw invalidRequest(
        `Messages with role 'tool' must be a response to a preceding message with 'tool_calls': no open call has the id '${clientId}'.`,
        `messages[${index}].tool_call_id`,
      );
    }
    this.pending.splice(this.pending.indexOf(call), 1);
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
    this.pending.splice(this.pending.indexOf(call), 1);
    return call.modelId;
  }

  /** Throws when calls are still without a result; to be asked where the conversation goes on or ends. */
  assertAnswered(): void {
    const [first] = this.pending;
    if (!first) return;
    const ids = this.pending.map(({ clientId }) => clientId).join(', ');
    throw invalidRequest(
      `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`,
      pathOf(first),
    );
  }

  private close(id: string): void {
    const index = this.pending.findIndex(({ modelId }) => modelId === id);
    if (index >= 0) this.pending.splice(index, 1);
  }

  private resume({ id, name }: { id: string; name: string }): void {
    this.usedIds.add(id);
    // Held calls can be answered in either form.
    this.pending.push({ clientId: id, modelId: id, messageIndex: undefined, legacyName: name });
  }

  private openCall(
    call: Omit<OpenCall, 'modelId'>,
    { name, arguments: json }: { name: string; arguments: string },
    path: string,
  ): AssistantBlock {
    const modelId = this.uniqueId(call.clientId);
    this.pending.push({ ...call, modelId });
    return { type: 'tool_use', id: modelId, name, input: parseArguments(json, path) };
  }

  private uniqueId(clientId: string): string {
    const base = toModelId(clientId);
    let id = base;
    if (this.isTaken(id)) {
      let repeat = this.nextRepeats.get(base) ?? 2;
      while (this.isTaken(`${base}-${repeat}`)) repeat += 1;
      id = `${base}-${repeat}`;
      this.nextRepeats.set(base, repeat + 1);
    }
    this.usedIds.add(id);
    this.usedStems.add(stemOf(id));
    return id;
  }

  /** The CLI takes `a_2` for a repetition of `a` where both are there, and loses the result of the later one. */
  private isTaken(id: string): boolean {
    return this.usedIds.has(id) || this.usedIds.has(stemOf(id)) || this.usedStems.has(id);
  }
}

function stemOf(id: string): string {
  return id.replace(/_\d+$/, '');
}

function pathOf({ messageIndex, legacyName }: OpenCall): string {
  if (messageIndex === undefined) return 'messages';
  return `messages[${messageIndex}].${legacyName === undefined ? 'tool_calls' : 'function_call'}`;
}

/** The Messages API takes fewer characters. */
function toModelId(clientId: string): string {
  return clientId.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}
