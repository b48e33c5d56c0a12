/** The same blocks in the order that the Messages API requires: tool results first. */
export function resultsFirst<Block extends { readonly type: string }>(blocks: readonly Block[]): readonly Block[] {
  const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
  const lastResult = blocks.findLastIndex(({ type }) => type === 'tool_result');
  if (firstOther === -1 || lastResult < firstOther) return blocks;
  return [
    ...blocks.filter(({ type }) => type === 'tool_result'),
    ...blocks.filter(({ type }) => type !== 'tool_result'),
  ];
}
