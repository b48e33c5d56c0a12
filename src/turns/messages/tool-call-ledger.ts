import { toToolCall } from '../../claude-cli/turn/call-input.ts';
import type { ConversationMessage, ToolCallBlock } from '../../claude-cli/turn/turn.ts';

const MAX_ID_LENGTH = 64;

/** A call without a result so far. */
export interface OpenCall {
  /** The client's id; empty if it gave none. */
  readonly clientId: string;
  /** The id for the model: unique in the conversation, with characters that the Messages API accepts. */
  readonly modelId: string;
  readonly name: string;
  /** Whether it has the legacy form `function_call`, or may have: a held call can be answered in either form. */
  readonly isLegacy: boolean;
  /** The position of its message, and the path of the call in the body; undefined for a held call. */
  readonly place: { readonly message: number; readonly path: string } | undefined;
}

type NewCall = Omit<OpenCall, 'modelId'> & {
  /** The arguments as JSON. */
  readonly json: string;
};

/** Records the tool calls of a conversation: their results, and their ids for the model. */
export class ToolCallLedger {
  private readonly usedIds = new Set<string>();
  private readonly usedStems = new Set<string>();
  /** For each repeated id, the number at which the search for a free one continues. */
  private readonly nextRepeats = new Map<string, number>();
  /** By the model's id, oldest first. */
  private readonly open = new Map<string, OpenCall>();
  private readonly byClientId = new CallQueues();
  private readonly byLegacyName = new CallQueues();

  /** @param held the messages before the recorded ones */
  constructor(held: readonly ConversationMessage[] = []) {
    for (const { content } of held) {
      for (const block of content) {
        if (block.type === 'tool_use') this.resume(block);
        else if (block.type === 'tool_result') this.open.delete(block.tool_use_id);
      }
    }
  }

  /** Records a call and returns its block. */
  add({ json, ...call }: NewCall): ToolCallBlock {
    const modelId = this.uniqueId(call.clientId);
    this.note({ ...call, modelId });
    return toToolCall(modelId, call.name, json);
  }

  /**
   * The model's id of the call that a result belongs to; undefined without a matching open call.
   *
   * @param clientId empty if the client gives none: the result then belongs to the oldest open call
   */
  answer(clientId: string): string | undefined {
    const call =
      this.byClientId.first(clientId, this.open) ??
      this.heldCall(toModelId(clientId)) ??
      (clientId === '' ? this.open.values().next().value : undefined);
    return this.close(call);
  }

  /** The model's id of the call that a message of the legacy role `function` answers; undefined without a match. */
  answerLegacy(name: string): string | undefined {
    return this.close(this.byLegacyName.first(name, this.open));
  }

  /** Takes the open calls of the messages before this position; they are no longer open. */
  takeOpen(position = Infinity): OpenCall[] {
    const taken: OpenCall[] = [];
    for (const call of this.open.values()) {
      if (call.place !== undefined && call.place.message >= position) break;
      taken.push(call);
    }
    for (const { modelId } of taken) this.open.delete(modelId);
    return taken;
  }

  /** The model's id identifies a held call. */
  private heldCall(modelId: string): OpenCall | undefined {
    const call = this.open.get(modelId);
    return call?.place === undefined ? call : undefined;
  }

  private close(call: OpenCall | undefined): string | undefined {
    if (call) this.open.delete(call.modelId);
    return call?.modelId;
  }

  private resume({ id, name }: ToolCallBlock): void {
    this.use(id);
    this.note({ clientId: id, modelId: id, name, isLegacy: true, place: undefined });
  }

  private note(call: OpenCall): void {
    this.open.set(call.modelId, call);
    this.byClientId.add(call.clientId, call);
    if (call.isLegacy) this.byLegacyName.add(call.name, call);
  }

  private uniqueId(clientId: string): string {
    const base = clientId === '' ? `call_${this.usedIds.size}` : toModelId(clientId);
    let id = base;
    if (this.isTaken(id)) {
      let repeat = this.nextRepeats.get(base) ?? 2;
      while (this.isTaken(`${base}-${repeat}`)) repeat += 1;
      id = `${base}-${repeat}`;
      this.nextRepeats.set(base, repeat + 1);
    }
    this.use(id);
    return id;
  }

  private use(id: string): void {
    this.usedIds.add(id);
    this.usedStems.add(stemOf(id));
  }

  /** If both exist, the CLI treats `a_2` as a repetition of `a`, and loses the later result. */
  private isTaken(id: string): boolean {
    return this.usedIds.has(id) || this.usedIds.has(stemOf(id)) || this.usedStems.has(id);
  }
}

/** Calls by key, oldest first. */
class CallQueues {
  private readonly queues = new Map<string, { readonly calls: OpenCall[]; next: number }>();

  add(key: string, call: OpenCall): void {
    const queue = this.queues.get(key);
    if (queue) queue.calls.push(call);
    else this.queues.set(key, { calls: [call], next: 0 });
  }

  /** The oldest call that is still open. */
  first(key: string, open: ReadonlyMap<string, OpenCall>): OpenCall | undefined {
    const queue = this.queues.get(key);
    if (!queue) return undefined;
    const isOpen = (call: OpenCall): boolean => open.get(call.modelId) === call;
    while (queue.next < queue.calls.length && !isOpen(queue.calls[queue.next]!)) queue.next += 1;
    return queue.calls[queue.next];
  }
}

function stemOf(id: string): string {
  return id.replace(/_\d+$/, '');
}

/** The Messages API accepts fewer characters, and some gateways put pages of data into an id. */
function toModelId(clientId: string): string {
  return clientId.slice(0, MAX_ID_LENGTH).replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}
