import { concatMap, defer, type Observable } from 'rxjs';
import type {
  AssistantBlock,
  ConversationMessage,
  ToolCallBlock,
  ToolDefinition,
  Turn,
  TurnEvent,
} from '../../claude-cli/turn/turn.ts';
import type { KeyRewriter } from './key-rewriter.ts';
import { PropertyNames } from './property-names.ts';

/** The names by tool, for tools with other property names for the model. */
type NamesByTool = ReadonlyMap<string, PropertyNames>;

/**
 * Runs a turn with property names that the Messages API accepts. The events have the client's names again.
 *
 * @param run runs a turn with the model's names, cold
 */
export function runUnderModelNames(turn: Turn, run: (turn: Turn) => Observable<TurnEvent>): Observable<TurnEvent> {
  const names = namesByTool(turn.tools);
  if (names.size === 0) return run(turn);
  return defer(() => {
    const events = new ClientEvents(names);
    const tools = turn.tools.map((tool) => underModelNames(tool, names));
    const history = turn.history.map((message) => renameMessage(message, names));
    return run({ ...turn, tools, history }).pipe(concatMap((event) => events.accept(event)));
  });
}

/** Messages of a conversation as a process with these tools holds them. */
export function messagesUnderModelNames(
  messages: readonly ConversationMessage[],
  tools: readonly ToolDefinition[],
): readonly ConversationMessage[] {
  const names = namesByTool(tools);
  return names.size === 0 ? messages : messages.map((message) => renameMessage(message, names));
}

function namesByTool(tools: readonly ToolDefinition[]): NamesByTool {
  const names = new Map<string, PropertyNames>();
  for (const { name, inputSchema } of tools) {
    const properties = PropertyNames.of(inputSchema);
    if (properties) names.set(name, properties);
  }
  return names;
}

function underModelNames(tool: ToolDefinition, names: NamesByTool): ToolDefinition {
  const properties = names.get(tool.name);
  return properties ? { ...tool, inputSchema: properties.modelSchema } : tool;
}

function renameMessage(message: ConversationMessage, names: NamesByTool): ConversationMessage {
  if (message.role === 'user') return message;
  return {
    ...message,
    content: renameCalls(message.content, names, ({ id, name, input }, properties) => ({
      type: 'tool_use',
      id,
      name,
      input: properties.toModel(input),
    })),
  };
}

function renameCalls(
  content: readonly AssistantBlock[],
  names: NamesByTool,
  rename: (call: ToolCallBlock, properties: PropertyNames) => ToolCallBlock,
): AssistantBlock[] {
  return content.map((block) => {
    const properties = block.type === 'tool_use' ? names.get(block.name) : undefined;
    return block.type === 'tool_use' && properties ? rename(block, properties) : block;
  });
}

function toClientCall({ json, ...call }: ToolCallBlock, properties: PropertyNames): ToolCallBlock {
  const renamed = { ...call, input: properties.toClient(call.input) };
  if (json === undefined) return renamed;
  const rewriter = properties.rewriter();
  return { ...renamed, json: rewriter.push(json) + rewriter.flush() };
}

/** The events of one turn in the client's names. */
class ClientEvents {
  /** By the index of the call. */
  private readonly rewriters = new Map<number, KeyRewriter>();

  constructor(private readonly names: NamesByTool) {}

  accept(event: TurnEvent): TurnEvent[] {
    switch (event.type) {
      case 'tool-call-start': {
        const rewriter = this.names.get(event.name)?.rewriter();
        if (rewriter) this.rewriters.set(event.index, rewriter);
        return [event];
      }
      case 'tool-call-delta': {
        const rewriter = this.rewriters.get(event.index);
        if (!rewriter) return [event];
        const json = rewriter.push(event.json);
        return json === '' ? [] : [{ ...event, json }];
      }
      case 'finish': {
        const content = renameCalls(event.content, this.names, toClientCall);
        return [...this.unfinished(), { ...event, content }];
      }
      default:
        return [event];
    }
  }

  /** Emits the text that was held back for calls that broke off. */
  private unfinished(): TurnEvent[] {
    return [...this.rewriters].flatMap(([index, rewriter]): TurnEvent[] => {
      const json = rewriter.flush();
      return json === '' ? [] : [{ type: 'tool-call-delta', index, json }];
    });
  }
}
