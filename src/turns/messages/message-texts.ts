import type { AssistantBlock, UserBlock } from '../../claude-cli/turn/turn.ts';

/** What the CLI itself sends for a user message without content, and drops where an assistant says it. */
export const NO_CONTENT = '(no content)';

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

export function textBlocks(text: string): { type: 'text'; text: string }[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/**
 * The blocks without one of white space only, which the Messages API refuses and the CLI drops: it joins the text before
 * it, or else the one after it. Without any other text it says nothing.
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
