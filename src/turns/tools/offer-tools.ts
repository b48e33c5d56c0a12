import type { ConversationMessage, ToolDefinition, Turn, TurnSettings } from '../../claude-cli/turn/turn.ts';

/**
 * The tools of a turn. The Messages API refuses a conversation with calls but without tools, which clients send to get a
 * closing answer: the called tools are then declared without details, and must not be called again.
 */
export function offerTools(
  tools: readonly ToolDefinition[],
  history: readonly ConversationMessage[],
  settings: TurnSettings,
): Pick<Turn, 'tools' | 'settings'> {
  if (tools.length > 0) return { tools, settings };
  const called = history.flatMap((message) =>
    message.role === 'assistant'
      ? message.content.flatMap((block) => (block.type === 'tool_use' ? block.name : []))
      : [],
  );
  if (called.length === 0) return { tools, settings };
  const declared = [...new Set(called)].map((name) => ({ name, inputSchema: { type: 'object' } }));
  return { tools: declared, settings: { ...settings, toolChoice: { type: 'none' } } };
}
