import type { TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { Media, MediaBlock } from './media-block.ts';
import { toGatewayError, tooManyMedia, tooMuchMedia } from './to-gateway-error.ts';
import { MediaError } from './media-error.ts';
import type { MediaService } from './media.service.ts';
import type { MediaKind } from './to-media.ts';

/** An image or file of a request, with its position. */
export interface PlacedMedia<Part extends object = object> {
  /** The part of the request; the key of its block. */
  readonly part: Part;
  readonly kind: MediaKind;
  /** The path of the part in the body. */
  readonly path: string;
  /** Whether it belongs to the history, tool results included, rather than to the new message. */
  readonly isHistory: boolean;
  readonly source: MediaSource;
  /** The title of a document, if it has one. */
  readonly title?: string;
}

/** Where the content is: behind a URL, in the request as base64, or unusable. */
export type MediaSource =
  | { readonly type: 'url'; readonly url: string; readonly field: string }
  | { readonly type: 'data'; readonly data: string; readonly field: string }
  | { readonly type: 'none'; readonly error: GatewayError };

/** The block of each image and file part of a request; a text for an unusable one of the history. */
export type ResolvedMedia<Part extends object = object> = ReadonlyMap<Part, MediaBlock | TextBlockParam>;

/** Concurrent reads and fetches of a request; bounds its memory use. */
const CONCURRENCY = 4;

/**
 * Loads the images and files of a request, in the order of their importance. Refuses unusable ones of the last message;
 * replaces those of the history with a text for the model. Rejects with a GatewayError of status 400, or with the signal's
 * reason if it is aborted.
 */
export async function resolveMedia<Part extends object>(
  all: readonly PlacedMedia<Part>[],
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<ResolvedMedia<Part>> {
  const resolved = new Map<Part, MediaBlock | TextBlockParam>();
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

/**
 * The parts within the maximum counts. Replaces excess ones of the history with a text; throws for one of the last message.
 */
function withinCounts<Part extends object>(
  parts: readonly PlacedMedia<Part>[],
  { maxCounts }: MediaService,
  resolved: Map<Part, MediaBlock | TextBlockParam>,
): PlacedMedia<Part>[] {
  const counts: Record<MediaKind, number> = { image: 0, file: 0 };
  return parts.filter((placed) => {
    const { kind } = placed;
    counts[kind] += 1;
    if (counts[kind] <= maxCounts[kind]) return true;
    const error = tooManyMedia(kind, maxCounts[kind], placed.path);
    if (!placed.isHistory) throw error;
    resolved.set(placed.part, unavailable(placed, error));
    return false;
  });
}

/** The content of each part, or why it is unusable; undefined after the total size is exceeded. */
async function readParts(
  parts: readonly PlacedMedia[],
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<readonly (Media | MediaError | GatewayError | undefined)[]> {
  const read: (Media | MediaError | GatewayError)[] = [];
  // A refused part cancels the others.
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
  placed: PlacedMedia,
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
    throw toGatewayError(error, placed.source.type === 'none' ? placed.path : `${placed.path}.${placed.source.field}`);
  }
}

async function mediaOf(
  { source, title = '' }: PlacedMedia,
  service: MediaService,
  tenant: string,
  signal: AbortSignal,
): Promise<Media> {
  switch (source.type) {
    case 'url':
      return withTitle(await service.image(source.url, tenant, signal), title);
    case 'data':
      return withTitle(service.file(source.data), title);
    case 'none':
      throw source.error;
  }
}

/** The text for the model in place of an unusable part. */
function unavailable(placed: PlacedMedia, reason: MediaError | GatewayError): TextBlockParam {
  const why = reason instanceof GatewayError ? reason.message : `${reason.message}.`;
  return { type: 'text', text: `[This ${placed.kind} is not available. ${upperFirst(why)}]` };
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The longest document title that the Messages API accepts. */
const MAX_TITLE_LENGTH = 500;

function withTitle(media: Media, given: string): Media {
  const title = given.slice(0, MAX_TITLE_LENGTH).toWellFormed().trim();
  if (media.block.type !== 'document' || title === '') return media;
  return { ...media, block: { ...media.block, title } };
}
