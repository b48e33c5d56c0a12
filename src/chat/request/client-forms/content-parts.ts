import { documentPart, imageSourcePart, searchResultPart, thinkingPart, toolUsePart } from './anthropic-parts.ts';
import { isEmpty, isJsonObject, mapUnlessSame, type FormContext, type JsonObject } from './form-context.ts';
import { imagePart, inputFilePart, inputImagePart } from './media-forms.ts';
import { inWords, plainText } from './in-words.ts';
import { isUsablePart, type Speaker } from './is-usable-part.ts';

/** The speaker of a part, and whether the part belongs to the history, where an unknown part becomes text. */
export interface PartPlace {
  readonly speaker: Speaker;
  readonly isHistory: boolean;
}

type Form = (part: JsonObject, context: FormContext) => JsonObject;

const TEXT_TYPES = new Set<unknown>(['text', 'input_text', 'output_text']);

const MEDIA_FORMS: Readonly<Record<string, Form>> = {
  image_url: imagePart,
  image: imageSourcePart,
  document: documentPart,
  input_image: inputImagePart,
  input_file: inputFilePart,
};
const FORMS: Readonly<Record<PartPlace['speaker'], Readonly<Record<string, Form>>>> = {
  system: {},
  user: { ...MEDIA_FORMS, tool_result: toolResultPart },
  result: MEDIA_FORMS,
  assistant: { tool_use: toolUsePart, thinking: thinkingPart, reasoning: thinkingPart },
};

/** The parts of a message's content in OpenAI's form; the same list where they are. */
export function toParts(parts: readonly unknown[], place: PartPlace, context: FormContext): readonly unknown[] {
  return mapUnlessSame(parts, (part) => toPart(part, place, context));
}

/**
 * A part in OpenAI's form, from that of Anthropic, of the Responses API or of MCP. One of the history is valid afterwards,
 * whatever it was; one of the last message is left to be refused where it is not.
 */
function toPart(part: unknown, { speaker, isHistory }: PartPlace, context: FormContext): unknown {
  if (!isJsonObject(part)) return isHistory ? { type: 'text', text: plainText(part) } : part;
  const { type, text } = part;
  if (TEXT_TYPES.has(type)) {
    if (type === 'text' && (typeof text === 'string' || !isHistory)) return part;
    const { annotations, logprobs, ...rest } = part;
    const told = Object.entries({ annotations, logprobs }).filter(([, list]) => !isEmpty(list));
    return { ...rest, ...Object.fromEntries(told), type: 'text', text: isHistory ? plainText(text) : text };
  }
  if (type === 'search_result') return searchResultPart(part);
  const form = typeof type === 'string' && Object.hasOwn(FORMS[speaker], type) ? FORMS[speaker][type] : undefined;
  const formed = form?.(part, context) ?? part;
  return isHistory && !isUsablePart(formed, speaker) ? inWords(part, context) : formed;
}

function toolResultPart(part: JsonObject, context: FormContext): JsonObject {
  const { tool_use_id: id, is_error: isError } = part;
  const content = toResultContent(part['content'], context);
  const isSame =
    content === part['content'] && typeof id === 'string' && (isError === undefined || typeof isError === 'boolean');
  return isSame ? part : { ...part, tool_use_id: plainText(id), content, is_error: isError === true };
}

/** What a tool has answered, in OpenAI's form; always valid. */
export function toResultContent(content: unknown, context: FormContext): unknown {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return toParts(content, { speaker: 'result', isHistory: true }, context);
  const isPart = isJsonObject(content) && typeof content['type'] === 'string';
  return isPart ? toParts([content], { speaker: 'result', isHistory: true }, context) : plainText(content);
}
