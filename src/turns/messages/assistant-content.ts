import type { AssistantBlock } from '../../claude-cli/turn/turn.ts';
import { NO_CONTENT } from './message-texts.ts';

/** The Messages API refuses an answer that ends with thinking. */
export function withoutLastThinking(blocks: readonly AssistantBlock[]): AssistantBlock[] {
  return blocks.slice(0, blocks.findLastIndex((block) => block.type === 'text' || block.type === 'tool_use') + 1);
}

/** Whether an answer has no content that the CLI would keep. */
export function isNothing(blocks: readonly AssistantBlock[]): boolean {
  return blocks.every(
    (block) => block.type !== 'tool_use' && (block.type !== 'text' || block.text.trim() === NO_CONTENT),
  );
}
