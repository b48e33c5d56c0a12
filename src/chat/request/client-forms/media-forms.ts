import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';

/** OpenAI's image; the URL may stand where the object with it belongs. */
export function imagePart(part: JsonObject, { origins }: FormContext): JsonObject {
  const image = part['image_url'];
  if (typeof image !== 'string') return part;
  return { ...part, image_url: origins.note({ url: image }, { fields: { url: '' } }) };
}

/** The image of the Responses API. */
export function inputImagePart(part: JsonObject, { origins }: FormContext): JsonObject {
  const { image_url: image, file_id: id, detail, ...rest } = part;
  if (typeof id === 'string') return { ...rest, type: 'file', file: origins.note({ file_id: id }, { below: '' }) };
  if (isJsonObject(image)) return { ...rest, type: 'image_url', image_url: image };
  const given = { url: image, ...(detail !== undefined && { detail }) };
  return { ...rest, type: 'image_url', image_url: origins.note(given, { fields: { url: '' } }) };
}

/** The file of the Responses API. */
export function inputFilePart(part: JsonObject, { origins }: FormContext): JsonObject {
  const { file_data: data, file_id: id, file_url: url, filename, detail: _detail, ...rest } = part;
  const file = { file_data: data, file_id: id, file_url: url, filename };
  return { ...rest, type: 'file', file: origins.note(file, { below: '' }) };
}
