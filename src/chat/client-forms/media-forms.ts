import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';

const DETAILS = new Set<unknown>(['auto', 'low', 'high', 'original', undefined, null]);

/** OpenAI's image; the URL may stand where the object with it belongs. Undefined without a URL. */
export function imagePart(part: JsonObject, { origins }: FormContext): unknown {
  const image = part['image_url'];
  if (typeof image === 'string') {
    return { ...part, image_url: origins.note({ url: image }, { fields: { url: '' } }) };
  }
  if (!isJsonObject(image) || typeof image['url'] !== 'string' || image['url'] === '') return undefined;
  return DETAILS.has(image['detail']) ? part : undefined;
}

/** OpenAI's file. Undefined for one without anything that could be read. */
export function filePart(part: JsonObject): unknown {
  const { file } = part;
  if (!isJsonObject(file)) return undefined;
  const isValid = ['file_data', 'file_id', 'file_url', 'filename'].every((field) =>
    ['string', 'undefined'].includes(typeof (file[field] ?? undefined)),
  );
  return isValid ? part : undefined;
}

/** The image of the Responses API. */
export function inputImagePart(part: JsonObject, { origins }: FormContext): unknown {
  const { image_url: image, file_id: id, detail, ...rest } = part;
  if (typeof id === 'string') return { ...rest, type: 'file', file: origins.note({ file_id: id }, { below: '' }) };
  const url = isJsonObject(image) ? image['url'] : image;
  if (typeof url !== 'string' || url === '' || !DETAILS.has(detail)) return undefined;
  const fields: Record<string, string> = isJsonObject(image) ? {} : { url: '' };
  return {
    ...rest,
    type: 'image_url',
    image_url: origins.note({ url, ...(detail !== undefined && { detail }) }, { fields }),
  };
}

/** The file of the Responses API. */
export function inputFilePart(part: JsonObject, context: FormContext): unknown {
  const { file_data: data, file_id: id, file_url: url, filename, detail: _detail, ...rest } = part;
  const file = Object.fromEntries(
    Object.entries({ file_data: data, file_id: id, file_url: url, filename }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  return filePart({ ...rest, type: 'file', file: context.origins.note(file, { below: '' }) });
}
