import { invalidRequest, unsupported } from '../common/errors/gateway-error.ts';
import type { Media, MediaBlock } from '../media/media-block.ts';
import { toMediaAnswer, tooManyMedia, tooMuchMedia } from '../media/media-answers.ts';
import type { MediaKind } from '../media/to-media.ts';
import type { MediaService } from '../media/media.service.ts';
import type { ChatMessage, UserPart } from './dto/chat-completion-request.ts';

/** The block of each image and file part of a request. */
export type ResolvedMedia = ReadonlyMap<UserPart, MediaBlock>;

type MediaPart = Extract<UserPart, { type: 'image_url' | 'file' }>;

interface PlacedPart {
  readonly part: MediaPart;
  /** Of the part, as a path into the body. */
  readonly path: string;
}

/** How many are read or fetched at the same time, so that one request does not keep too much in memory at once. */
const CONCURRENCY = 4;

/**
 * Reads the images and files of a request, wherever they are. Rejects with a GatewayError of status 400 for what cannot be
 * used, and with the signal's reason when it is aborted.
 */
export async function resolveMedia(
  messages: readonly ChatMessage[],
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<ResolvedMedia> {
  const parts = mediaParts(messages);
  if (parts.length === 0) return new Map();
  checkCounts(parts, service);
  const resolved = new Map<UserPart, MediaBlock>();
  // One that cannot be used is the end of the others.
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const waiting = parts.values();
  let totalBytes = 0;
  const work = async (): Promise<void> => {
    for (const placed of waiting) {
      const { block, bytes } = await resolvePart(placed, service, tenant, either);
      totalBytes += bytes;
      if (totalBytes > service.maxTotalBytes) throw tooMuchMedia(placed.path, service.maxTotalBytes);
      resolved.set(placed.part, block);
    }
  };
  const workers = Array.from({ length: Math.min(CONCURRENCY, parts.length) }, work);
  try {
    await Promise.all(workers);
    return resolved;
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}

function mediaParts(messages: readonly ChatMessage[]): PlacedPart[] {
  return messages.flatMap(({ role, content }, index) => {
    if (role !== 'user' || typeof content === 'string') return [];
    return content.flatMap((part, partIndex) =>
      part.type === 'image_url' || part.type === 'file'
        ? [{ part, path: `messages[${index}].content[${partIndex}]` }]
        : [],
    );
  });
}

function checkCounts(parts: readonly PlacedPart[], { maxCounts }: MediaService): void {
  const counts: Record<MediaKind, number> = { image: 0, file: 0 };
  for (const { part, path } of parts) {
    const kind = part.type === 'file' ? 'file' : 'image';
    counts[kind] += 1;
    if (counts[kind] <= maxCounts[kind]) continue;
    throw tooManyMedia(kind, maxCounts[kind], path);
  }
}

async function resolvePart(
  { part, path }: PlacedPart,
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<Media> {
  signal.throwIfAborted();
  if (part.type === 'image_url') {
    return service.image(part.image_url.url, tenant, signal).catch((error: unknown) => {
      throw toMediaAnswer(error, `${path}.image_url.url`);
    });
  }
  const { file_data: data, file_id: id, filename } = part.file;
  if (typeof id === 'string') {
    throw unsupported('Uploaded files are not available here: send the content in file_data.', `${path}.file.file_id`);
  }
  const param = `${path}.file.file_data`;
  if (typeof data !== 'string') {
    throw invalidRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  try {
    return withTitle(service.file(data), filename ?? '');
  } catch (error) {
    throw toMediaAnswer(error, param);
  }
}

/** What the Messages API takes as the title of a document. */
const MAX_TITLE_LENGTH = 500;

function withTitle(media: Media, filename: string): Media {
  const title = filename.slice(0, MAX_TITLE_LENGTH).toWellFormed().trim();
  if (media.block.type !== 'document' || title === '') return media;
  return { ...media, block: { ...media.block, title } };
}
