import { isJsonObject, type JsonObject } from './form-context.ts';

export type Speaker = 'system' | 'user' | 'assistant' | 'result';
type Check = (part: JsonObject) => boolean;

const DETAILS = new Set<unknown>(['auto', 'low', 'high', 'original', undefined, null]);

const MEDIA: Readonly<Record<string, Check>> = {
  image_url: ({ image_url: image }) =>
    isJsonObject(image) && isText(image['url']) && image['url'] !== '' && DETAILS.has(image['detail']),
  file: ({ file }) =>
    isJsonObject(file) && ['file_data', 'file_id', 'file_url', 'filename'].every((field) => isText(file[field] ?? '')),
};
const CHECKS: Readonly<Record<Speaker, Readonly<Record<string, Check>>>> = {
  system: {},
  user: { ...MEDIA, tool_result: ({ tool_use_id: id }) => isText(id) },
  result: MEDIA,
  assistant: {
    refusal: ({ refusal }) => isText(refusal),
    tool_use: ({ id, name }) => isText(id) && isText(name),
    thinking: ({ thinking, signature }) => isText(thinking) && isText(signature ?? ''),
    redacted_thinking: ({ data }) => isText(data),
  },
};

/** Whether a part in OpenAI's form, other than text, is one that the speaker can have; audio the model cannot be given. */
export function isUsablePart(part: JsonObject, speaker: Speaker): boolean {
  const { type } = part;
  const checks = CHECKS[speaker];
  return typeof type === 'string' && Object.hasOwn(checks, type) && checks[type]?.(part) === true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
