import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';

/** The CLI's own text for a user message without content; it drops an assistant message with it. */
export const NO_CONTENT = '(no content)';

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

export function textBlocks(text: string): { type: 'text'; text: string }[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/**
 * Merges blank text blocks, which the Messages API refuses and the CLI drops, into the text before them, or else after
 * them. Without any other text they are dropped.
 */
export function joinBlanks<Block extends UserBlock | AssistantBlock>(blocks: readonly Block[]): Block[] {
  const joined: Block[] = [];
  let leading = '';
  for (const block of blocks) {
    if (block.type !== 'text') {
      joined.push(block);
    } else if (!isBlank(block.text)) {
      joined.push(leading === '' ? block : { ...block, text: leading + block.text });
      leading = '';
    } else {
      const position = joined.findLastIndex(({ type }) => type === 'text');
      const before = joined[position];
      if (before?.type === 'text') joined[position] = { ...before, text: before.text + block.text };
      else leading += block.text;
    }
  }
  return joined;
}
