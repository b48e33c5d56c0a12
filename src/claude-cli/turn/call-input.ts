import { keepsDigits } from './exact-number.ts';
import type { ToolCallBlock } from './turn.ts';

/** Deeper than real arguments, and far below the depth at which recursive code (JSON.stringify too) overflows the stack. */
const MAX_DEPTH = 256;
/** More values and quotes than real arguments have, and few enough to scan within milliseconds. */
const MAX_TOKENS = 100_000;

/** Anthropic's documented name for arguments that are not JSON. */
const INVALID_JSON = 'INVALID_JSON';

/** Matches where JavaScript may write a number with other digits. */
const UNUSUAL_NUMBER = /[\d.]{16}|\.\d*0(?!\d)|\d[eE]/;
/** The start of a string, or something meant as a number. */
const STRING_OR_NUMBER = /"|-?\d[\d.eE+-]*|-?\bInfinity\b|\bNaN\b/g;
const CONTROL_CHARACTER = /\p{Cc}/gu;

/** A call with these arguments, and with their text if it differs from JSON.stringify of the input. */
export function toToolCall(id: string, name: string, json: string): ToolCallBlock {
  const input = toCallInput(json);
  const isRewritten = json.trim() !== '' && JSON.stringify(input) !== json;
  return { type: 'tool_use', id, name, input, ...(isRewritten && { json }) };
}

/** The arguments of a call as the model or the client wrote them, byte for byte. */
export function argumentsOf({ input, json }: ToolCallBlock): string {
  return json ?? JSON.stringify(input);
}

/**
 * The arguments of a call as the object that the Messages API requires. Never throws, since a call that was made stays in
 * the history. Numbers that would lose digits become strings, invalid JSON becomes a text under `INVALID_JSON`, and another
 * JSON value the value of `arguments`.
 */
export function toCallInput(json: string): Record<string, unknown> {
  if (json.trim() === '') return {};
  if (hasTooManyTokens(json)) return { arguments: json };
  const value = parse(json);
  if (value === null) return {};
  if (value === undefined || isTooDeep(json, value)) return { [INVALID_JSON]: json };
  if (isObject(value)) return value;
  // Some clients encode the arguments twice.
  const inner = typeof value === 'string' ? parse(value) : undefined;
  return isObject(inner) && !isTooDeep(json, inner) ? inner : { arguments: value };
}

/** Undefined for invalid JSON. */
function parse(json: string): unknown {
  const value = parseJson(json);
  if (value !== undefined && !UNUSUAL_NUMBER.test(json)) return value;
  return parseJson(repaired(json));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** The same JSON with the control characters in its strings escaped, and with numbers that would change as strings. */
function repaired(json: string): string {
  const search = new RegExp(STRING_OR_NUMBER);
  let result = '';
  let copied = 0;
  for (let match = search.exec(json); match; match = search.exec(json)) {
    const isString = match[0] === '"';
    if (isString) search.lastIndex = endOfString(json, match.index);
    const token = isString ? json.slice(match.index, search.lastIndex) : match[0];
    const repairedToken = isString ? escapeControls(token) : exactNumber(token);
    if (repairedToken === token) continue;
    result += json.slice(copied, match.index) + repairedToken;
    copied = search.lastIndex;
  }
  return result + json.slice(copied);
}

/** The index after the closing quote; the end of the text without one. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}

function escapeControls(token: string): string {
  return token
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll(CONTROL_CHARACTER, (character) => JSON.stringify(character).slice(1, -1));
}

function exactNumber(source: string): string {
  return keepsDigits(source) ? source : JSON.stringify(source);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasTooManyTokens(json: string): boolean {
  if (json.length <= MAX_TOKENS) return false;
  const search = /[,[{]|\\"/g;
  let tokens = 0;
  while (tokens <= MAX_TOKENS && search.test(json)) tokens += 1;
  return tokens > MAX_TOKENS;
}

function isTooDeep(json: string, value: unknown): boolean {
  if (json.length <= MAX_DEPTH || typeof value !== 'object') return false;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    const next: unknown[] = [];
    for (const parent of level) {
      for (const child of Object.values(parent as object)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}
