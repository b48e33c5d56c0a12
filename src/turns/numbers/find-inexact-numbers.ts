import { keepsDigits } from '../../claude-cli/turn/exact-number.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import { endOfNumber as endOfDigits, isDigit, isUnusualNumber } from '../../common/body/number-bytes.ts';

/** A number of a body that JavaScript writes with other digits. */
export interface InexactNumber {
  /** The fields and indices that lead to it. */
  readonly path: readonly (string | number)[];
  /** As written in the body. */
  readonly source: string;
}

/** More than any body needs; each stores its path. */
const MAX_NUMBERS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;

/** A list or an object during the scan. */
interface Container {
  readonly isList: boolean;
  index: number;
  /** The position of the current field name, including its quotes. */
  key: readonly [start: number, end: number];
  isKeyNext: boolean;
}

/**
 * Finds the numbers of a body that lose digits, without parsing the rest again. Throws a GatewayError of status 400 if
 * there are too many.
 *
 * @param json valid JSON in UTF-8
 */
export function findInexactNumbers(json: Buffer): InexactNumber[] {
  const found: InexactNumber[] = [];
  const containers: Container[] = [];
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]!;
    const top = containers.at(-1);
    if (byte === QUOTE) {
      const end = endOfString(json, index);
      if (top?.isKeyNext) {
        top.key = [index, end];
        top.isKeyNext = false;
      }
      index = end - 1;
    } else if (byte === COMMA && top) {
      top.index += 1;
      top.isKeyNext = !top.isList;
    } else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) {
      const isList = byte === OPENING_BRACKET;
      containers.push({ isList, index: 0, key: [0, 0], isKeyNext: !isList });
    } else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) {
      containers.pop();
    } else if (isDigit(byte)) {
      const start = json[index - 1] === MINUS ? index - 1 : index;
      const end = endOfNumber(json, index);
      index = end - 1;
      if (!isUnusualNumber(json, start, end)) continue;
      const source = json.toString('latin1', start, end);
      if (!keepsDigits(source)) found.push({ path: containers.map((container) => stepOf(json, container)), source });
      if (found.length > MAX_NUMBERS) throw tooMany();
    }
  }
  return found;
}

function stepOf(json: Buffer, { isList, index, key }: Container): string | number {
  return isList ? index : (JSON.parse(json.toString('utf8', ...key)) as string);
}

function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}

/** The index after a number, including a signed exponent. */
function endOfNumber(json: Buffer, start: number): number {
  const end = endOfDigits(json, start);
  const isSigned = json[end] === PLUS || json[end] === MINUS;
  return isSigned ? endOfDigits(json, end + 1) : end;
}

function tooMany(): Error {
  return invalidRequest(
    `The JSON body holds more than ${MAX_NUMBERS} numbers with more digits than can be kept: send them as strings.`,
    undefined,
    'json_too_complex',
  );
}
