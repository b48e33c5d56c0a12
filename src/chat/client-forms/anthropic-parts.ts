import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';
import { plainText } from './in-words.ts';
import { toFunctionName } from './function-name.ts';

/** Anthropic's image, and that of MCP, which has its data beside its type. Undefined for one without data. */
export function imageSourcePart(part: JsonObject, { origins }: FormContext): unknown {
  const { source, data, mimeType, ...rest } = part;
  if (typeof data === 'string') {
    const image = { url: dataUrl(mimeType, data) };
    return { ...rest, type: 'image_url', image_url: origins.note(image, { below: '', fields: { url: 'data' } }) };
  }
  if (!isJsonObject(source)) return undefined;
  const { type, media_type: mediaType, data: content, url, file_id: id } = source;
  if (type === 'base64' && typeof content === 'string') {
    const image = { url: dataUrl(mediaType, content) };
    return { ...rest, type: 'image_url', image_url: origins.note(image, { below: 'source', fields: { url: 'data' } }) };
  }
  if (type === 'url' && typeof url === 'string' && url !== '') {
    return { ...rest, type: 'image_url', image_url: origins.note({ url }, { below: 'source' }) };
  }
  if (type === 'file' && typeof id === 'string') {
    return { ...rest, type: 'file', file: origins.note({ file_id: id }, { below: 'source' }) };
  }
  return undefined;
}

/** Anthropic's document. Undefined for one without content. */
export function documentPart(part: JsonObject, { origins }: FormContext): unknown {
  const { source, title, ...rest } = part;
  if (!isJsonObject(source)) return undefined;
  const file = documentFile(source);
  if (!file)
    return typeof source['content'] === 'undefined'
      ? undefined
      : { ...rest, type: 'text', text: textsOf(source['content']) };
  const named = typeof title === 'string' ? { ...file, filename: title } : file;
  return {
    ...rest,
    type: 'file',
    file: origins.note(named, { below: 'source', fields: { file_data: 'data', file_url: 'url' } }),
  };
}

function documentFile({ type, media_type: mediaType, data, url, file_id: id }: JsonObject): object | undefined {
  if (type === 'base64' && typeof data === 'string') return { file_data: dataUrl(mediaType, data) };
  if (type === 'text' && typeof data === 'string') {
    return { file_data: dataUrl('text/plain', Buffer.from(data).toString('base64')) };
  }
  if (type === 'url' && typeof url === 'string') return { file_url: url };
  return type === 'file' && typeof id === 'string' ? { file_id: id } : undefined;
}

/** A passage that was found, as text. */
export function searchResultPart({ title, source, content, type: _type, ...rest }: JsonObject): unknown {
  const text = [title, source].map(plainText).filter((line) => line !== '').concat(textsOf(content)).join('\n'); // prettier-ignore
  return { ...rest, type: 'text', text };
}

/** A call, with a name that the Messages API takes. */
export function toolUsePart(part: JsonObject): unknown {
  const { id, name } = part;
  const valid = toFunctionName(name);
  return typeof id === 'string' && valid === name ? part : { ...part, id: plainText(id), name: valid };
}

/** Thinking, also that of other providers, which has no signature. */
export function thinkingPart(part: JsonObject): unknown {
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

function dataUrl(mediaType: unknown, base64: string): string {
  return `data:${typeof mediaType === 'string' ? mediaType : ''};base64,${base64}`;
}
