import { randomHex } from '../../common/random-text.ts';

const RANDOM_BYTES = 18;

const PREFIXES = { message: 'msg', reasoning: 'rs', function_call: 'fc', custom_tool_call: 'ctc' } as const;

/**
 * A new id in OpenAI's form: `resp_` and 48 hexadecimal digits. The first twelve are the time in milliseconds, so that new
 * ids stand together in an index.
 */
export function newResponseId(): string {
  return `resp_${Date.now().toString(16).padStart(12, '0')}${randomHex(RANDOM_BYTES)}`;
}

/** Whether a text has the form of an id at all. */
export function isResponseId(text: string): boolean {
  return /^resp_[0-9a-f]{48}$/.test(text);
}

/** The id of an item, in which the response stands, so that it needs no index. */
export function outputItemId(responseId: string, type: keyof typeof PREFIXES, index: number): string {
  return `${PREFIXES[type]}_${responseId.slice('resp_'.length)}${index.toString(16).padStart(4, '0')}`;
}

/** The response that an item belongs to; undefined for what is not the id of an item of a response. */
export function responseIdOf(itemId: string): string | undefined {
  const digits = /^(?:msg|rs|fc|ctc)_([0-9a-f]{48})[0-9a-f]{4}$/.exec(itemId)?.[1];
  return digits === undefined ? undefined : `resp_${digits}`;
}
