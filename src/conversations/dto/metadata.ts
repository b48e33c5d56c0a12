import { IsObjectWithout } from '../../common/body/field-validators.ts';
import { beyondBound, invalidValue, wrongType, type FieldProblem } from '../../common/body/problem-words.ts';

const MAX_KEYS = 16;
const MAX_KEY_CHARACTERS = 64;
const MAX_VALUE_CHARACTERS = 512;

/** Texts of the client's own, by keys of its own. */
export type Metadata = Readonly<Record<string, string>>;

/** Metadata as OpenAI bounds it. */
export function IsMetadata(): PropertyDecorator {
  return IsObjectWithout(findProblem);
}

function findProblem(metadata: object, param: string): FieldProblem | undefined {
  const keys = Object.keys(metadata);
  // The number of keys first, so that not more than these are looked at.
  if (keys.length > MAX_KEYS) return invalidValue(param, `there can be no more than ${MAX_KEYS} keys`);
  for (const key of keys) {
    const place = `${param}.${key}`;
    const value: unknown = Reflect.get(metadata, key);
    if (key.length > MAX_KEY_CHARACTERS)
      return invalidValue(place, `a key must not be longer than ${MAX_KEY_CHARACTERS} characters`);
    if (typeof value !== 'string') return wrongType(place, 'a string', value);
    if (value.length > MAX_VALUE_CHARACTERS)
      return beyondBound(place, { kind: 'max', bound: MAX_VALUE_CHARACTERS }, value);
  }
  return undefined;
}
