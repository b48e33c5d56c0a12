import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';
import { plainText } from './in-words.ts';
import { toFunctionName } from '../../../turns/tools/function-name.ts';

/** Anthropic's image, and that of MCP, which has its data beside its type. */
export function imageSourcePart(part: JsonObject, { origins }: FormContext): JsonObject {
  const { source, data, mimeType, ...rest } = part;
  if (!isJsonObject(source)) {
    const image = origins.note(
      { url: dataUrl(mimeType, data) },
      { below: '', fields: { url: data === undefined ? 'source' : 'data' } },
    );
    return { ...rest, type: 'image_url', image_url: image };
  }
  const { type, media_type: mediaType, data: content, url, file_id: id } = source;
  if (type === 'file') return { ...rest, type: 'file', file: origins.note({ file_id: id }, { below: 'source' }) };
  const image = type === 'url' ? { url } : { url: dataUrl(mediaType, content) };
  const fields = { url: type === 'url' ? 'url' : 'data' };
  return { ...rest, type: 'image_url', image_url: origins.note(image, { below: 'source', fields }) };
}

/** Anthropic's document. */
export function documentPart(part: JsonObject, { origins }: FormContext): JsonObject {
  const { source, title, ...rest } = part;
  if (!isJsonObject(source))
    return { ...rest, type: 'file', file: origins.note({}, { below: 'source', fields: { file_data: '' } }) };
  if (source['type'] === 'content') return { ...rest, type: 'text', text: textsOf(source['content']) };
  const file = { ...documentFile(source), ...(typeof title === 'string' && { filename: title }) };
  const fields = { file_data: 'data', file_url: 'url' };
  return { ...rest, type: 'file', file: origins.note(file, { below: 'source', fields }) };
}

function documentFile({ type, media_type: mediaType, data, url, file_id: id }: JsonObject): object {
  switch (type) {
    case 'text':
      return {
        file_data: typeof data === 'string' ? dataUrl('text/plain', Buffer.from(data).toString('base64')) : data,
      };
    case 'url':
      return { file_url: url };
    case 'file':
      return { file_id: id };
    default:
      return { file_data: dataUrl(mediaType, data) };
  }
}

/** A passage that was found, as text. */
export function searchResultPart({ title, source, content, type: _type, ...rest }: JsonObject): JsonObject {
  const text = [title, source].map(plainText).filter((line) => line !== '').concat(textsOf(content)).join('\n'); // prettier-ignore
  return { ...rest, type: 'text', text };
}

/** A call, with a name that the Messages API takes. */
export function toolUsePart(part: JsonObject): JsonObject {
  const { id, name } = part;
  const valid = toFunctionName(name);
  return typeof id === 'string' && valid === name ? part : { ...part, id: plainText(id), name: valid };
}

/** Thinking, also that of other providers, which has no signature. */
export function thinkingPart(part: JsonObject): JsonObject {
  const { thinking, signature } = part;
  const isValid = typeof thinking === 'string' && (signature === undefined || typeof signature === 'string');
  if (part['type'] === 'thinking' && isValid) return part;
  const text = thinking ?? part['text'] ?? part['reasoning'] ?? part['summary'];
  return { type: 'thinking', thinking: plainText(text), ...(typeof signature === 'string' && { signature }) };
}

function textsOf(content: unknown): string {
  if (!Array.isArray(content)) return plainText(content);
  return content.map((part: unknown) => plainText(isJsonObject(part) ? (part['text'] ?? part) : part)).join('\n');
}

/** What is no base64 at all is left to be refused. */
function dataUrl(mediaType: unknown, base64: unknown): unknown {
  return typeof base64 === 'string'
    ? `data:${typeof mediaType === 'string' ? mediaType : ''};base64,${base64}`
    : base64;
}
