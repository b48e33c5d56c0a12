import type { UserBlock } from '../../claude-cli/turn/turn.ts';
import { joinBlanks, textBlocks } from './message-texts.ts';

/** A result of a call. */
export interface GivenResult {
  /** The model's id of the call; undefined if the call is missing or has a result already. */
  readonly modelId: string | undefined;
  /** The client's name for the call. */
  readonly label: string;
  /** What it holds: a text as it was given, or blocks. */
  readonly content: string | readonly UserBlock[];
  readonly isError: boolean;
}

/**
 * The blocks of a result. Without its call it becomes text, since the Messages API would refuse the result. In an error
 * result the API accepts only text, so its images follow.
 */
export function toolResult({ modelId, label, content, isError }: GivenResult): UserBlock[] {
  const blocks = typeof content === 'string' ? joinBlanks(textBlocks(content)) : content;
  if (modelId === undefined) return [...looseResult(label, isError), ...blocks];
  const isInside = (block: UserBlock): boolean => !isError || block.type === 'text';
  const told = typeof content === 'string' ? content : (blocks.filter(isInside) as ResultContent);
  const result: UserBlock = {
    type: 'tool_result',
    tool_use_id: modelId,
    ...(told.length > 0 && { content: told }),
    ...(isError && { is_error: true }),
  };
  return typeof content === 'string' ? [result] : [result, ...blocks.filter((block) => !isInside(block))];
}

type ResultContent = Exclude<Extract<UserBlock, { type: 'tool_result' }>['content'], string | undefined>;

function looseResult(label: string, isError: boolean): UserBlock[] {
  const call = label === '' ? 'a tool call' : `the tool call "${label}"`;
  return textBlocks(`${isError ? 'Error' : 'Result'} of ${call}:`);
}
