import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import type { MediaSource, PlacedMedia, ResolvedMedia } from '../../media/resolve-media.ts';
import type { InputPart, MediaPart } from './input-item.ts';
import type { PlacedItem } from './place-items.ts';

/** The images and files of a request by their weight: what is asked now, then the history from its end. */
export function mediaParts(items: readonly PlacedItem[]): PlacedMedia<MediaPart>[] {
  const found = items.flatMap(({ item, path }, index) => {
    if ('output' in item) return partsOf(item.output, `${path}.output`, true);
    if (item.type !== 'message' || item.role !== 'user') return [];
    return partsOf(item.content, `${path}.content`, index < items.length - 1);
  });
  return [...found.filter(({ isHistory }) => !isHistory), ...found.filter(({ isHistory }) => isHistory).toReversed()];
}

/** What of a request's images and files the model is not given, in words for a header. */
export function missingMedia(media: ResolvedMedia<MediaPart>): string[] {
  const missing = [...media].flatMap(([{ type }, block]) => (block.type === 'text' ? [type] : []));
  return [...new Set(missing)].map((type) => `input.content.${type} (not available; the model gets a note)`);
}

export function isMedia(part: InputPart): part is MediaPart {
  return part.type === 'input_image' || part.type === 'input_file';
}

function partsOf(content: string | readonly InputPart[], path: string, isHistory: boolean): PlacedMedia<MediaPart>[] {
  if (typeof content === 'string') return [];
  return content.flatMap((part, index) => (isMedia(part) ? [placed(part, `${path}[${index}]`, isHistory)] : []));
}

function placed(part: MediaPart, path: string, isHistory: boolean): PlacedMedia<MediaPart> {
  if (part.type === 'input_image') return { part, kind: 'image', path, isHistory, source: imageSource(part, path) };
  const title = part.filename ?? undefined;
  return { part, kind: 'file', path, isHistory, source: fileSource(part, path), ...(title !== undefined && { title }) };
}

function imageSource(part: Extract<MediaPart, { type: 'input_image' }>, path: string): MediaSource {
  const { image_url: url, file_id: id } = part;
  if (typeof url === 'string' && url !== '') return { type: 'url', url, field: 'image_url' };
  return { type: 'none', error: typeof id === 'string' ? uploaded(path) : missing(`${path}.image_url`) };
}

function fileSource(part: Extract<MediaPart, { type: 'input_file' }>, path: string): MediaSource {
  const { file_data: data, file_id: id, file_url: url } = part;
  if (typeof id === 'string') return { type: 'none', error: uploaded(path) };
  if (typeof data === 'string') return { type: 'data', data, field: 'file_data' };
  if (typeof url === 'string') return { type: 'url', url, field: 'file_url' };
  return { type: 'none', error: missing(`${path}.file_data`) };
}

function uploaded(path: string): ReturnType<typeof unsupported> {
  return unsupported('Uploaded files are not available here: send the content itself.', `${path}.file_id`);
}

function missing(param: string): ReturnType<typeof invalidRequest> {
  return invalidRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}
