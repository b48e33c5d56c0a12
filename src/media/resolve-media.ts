import type { TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { GatewayError, invalidRequest, unsupported } from '../common/errors/gateway-error.ts';
import type { Media, MediaBlock } from './media-block.ts';
import { toMediaAnswer, tooManyMedia, tooMuchMedia } from './media-answers.ts';
import { MediaError } from './media-error.ts';
import type { MediaService } from './media.service.ts';
import type { MediaKind } from './to-media.ts';
import type { ChatMessage } from '../chat/request/dto/chat-completion-request.ts';
import { mediaParts, type MediaPart, type PlacedPart } from '../chat/request/media-parts.ts';

/** The block of each image and file part of a request; a text where one of the history cannot be used any more. */
export type ResolvedMedia = ReadonlyMap<MediaPart, MediaBlock | TextBlockParam>;

/** How many are read or fetched at the same time, so that one request does not keep too much in memory at once. */
const CONCURRENCY = 4;

/**
 * Reads the images and files of a request, wherever they are. What cannot be used is refused in the last message, and told
 * to the model in the history. Rejects with a GatewayError of status 400, and with the signal's reason when it is aborted.
 */
export async function resolveMedia(
  messages: readonly ChatMessage[],
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<ResolvedMedia> {
  const all = mediaParts(messages);
  const resolved = new Map<MediaPart, MediaBlock | TextBlockParam>();
  if (all.length === 0) return resolved;
  const parts = withinCounts(all, service, resolved);
  const read = await readParts(parts, service, tenant, signal);
  let totalBytes = 0;
  for (const [index, placed] of parts.entries()) {
    const outcome = read[index];
    totalBytes += outcome && 'block' in outcome ? outcome.bytes : 0;
    if (!outcome || totalBytes > service.maxTotalBytes) {
      const error = tooMuchMedia(placed.path, service.maxTotalBytes);
      if (!placed.isHistory) throw error;
      totalBytes = Infinity;
      resolved.set(placed.part, unavailable(placed, error));
    } else {
      resolved.set(placed.part, 'block' in outcome ? outcome.block : unavailable(placed, outcome));
    }
  }
  return resolved;
}

/** What of a request's images and files the model is not given, in words for a header. */
export function missingMedia(media: ResolvedMedia): string[] {
  const missing = [...media].flatMap(([{ type }, block]) => (block.type === 'text' ? [type] : []));
  return [...new Set(missing)].map((type) => `messages.content.${type} (not available; the model gets a note)`);
}

/** The parts without those that are too many; notes what the model is told of these, and throws for one of the last message. */
function withinCounts(
  parts: readonly PlacedPart[],
  { maxCounts }: MediaService,
  resolved: Map<MediaPart, MediaBlock | TextBlockParam>,
): PlacedPart[] {
  const counts: Record<MediaKind, number> = { image: 0, file: 0 };
  return parts.filter((placed) => {
    const kind = kindOf(placed);
    counts[kind] += 1;
    if (counts[kind] <= maxCounts[kind]) return true;
    const error = tooManyMedia(kind, maxCounts[kind], placed.path);
    if (!placed.isHistory) throw error;
    resolved.set(placed.part, unavailable(placed, error));
    return false;
  });
}

function kindOf({ part }: PlacedPart): MediaKind {
  return part.type === 'file' ? 'file' : 'image';
}

/** The content of each part, or why it cannot be used; undefined for those after the bound of all together. */
async function readParts(
  parts: readonly PlacedPart[],
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<readonly (Media | MediaError | GatewayError | undefined)[]> {
  const read: (Media | MediaError | GatewayError)[] = [];
  // One that is refused is the end of the others.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const waiting = parts.entries();
  let totalBytes = 0;
  const work = async (): Promise<void> => {
    for (const [index, placed] of waiting) {
      const outcome = await readPart(placed, service, tenant, either);
      read[index] = outcome;
      totalBytes += 'block' in outcome ? outcome.bytes : 0;
      if (totalBytes > service.maxTotalBytes) return;
    }
  };
  const workers = Array.from({ length: Math.min(CONCURRENCY, parts.length) }, work);
  try {
    await Promise.all(workers);
    return read;
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}

async function readPart(
  placed: PlacedPart,
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<Media | MediaError | GatewayError> {
  signal.throwIfAborted();
  try {
    return await mediaOf(placed, service, tenant, signal);
  } catch (error) {
    const isUnusable = error instanceof MediaError || error instanceof GatewayError;
    if (isUnusable && placed.isHistory) return error;
    throw toMediaAnswer(error, `${placed.path}.${contentField(placed.part)}`);
  }
}

function contentField(part: MediaPart): string {
  if (part.type === 'image_url') return 'image_url.url';
  return typeof part.file.file_data !== 'string' && typeof part.file.file_url === 'string'
    ? 'file.file_url'
    : 'file.file_data';
}

async function mediaOf(
  { part, path }: PlacedPart,
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<Media> {
  if (part.type === 'image_url') return service.image(part.image_url.url, tenant, signal);
  const { file_data: data, file_id: id, file_url: url, filename } = part.file;
  if (typeof id === 'string') {
    throw unsupported('Uploaded files are not available here: send the content in file_data.', `${path}.file.file_id`);
  }
  if (typeof data !== 'string' && typeof url === 'string') {
    return withTitle(await service.image(url, tenant, signal), filename ?? '');
  }
  if (typeof data !== 'string') {
    const param = `${path}.file.file_data`;
    throw invalidRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  return withTitle(service.file(data), filename ?? '');
}

/** Tells the model what stood there. */
function unavailable(placed: PlacedPart, reason: MediaError | GatewayError): TextBlockParam {
  const why = reason instanceof GatewayError ? reason.message : `${reason.message}.`;
  return { type: 'text', text: `[This ${kindOf(placed)} is not available. ${upperFirst(why)}]` };
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** What the Messages API takes as the title of a document. */
const MAX_TITLE_LENGTH = 500;

function withTitle(media: Media, filename: string): Media {
  const title = filename.slice(0, MAX_TITLE_LENGTH).toWellFormed().trim();
  if (media.block.type !== 'document' || title === '') return media;
  return { ...media, block: { ...media.block, title } };
}
