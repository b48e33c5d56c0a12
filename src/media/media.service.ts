import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { FileAccessSettings, MediaSettings } from '../config/settings.ts';
import { checkUrlLength } from './check-url.ts';
import { decodeBase64 } from './decode-base64.ts';
import { LocalFileReader, isLocalPath } from './local-file-reader.ts';
import type { Media } from './media-block.ts';
import { MediaCache } from './media-cache.ts';
import { MediaError, tooLarge } from './media-error.ts';
import { decodePercent, isDataUrl, parseDataUrl } from './parse-data-url.ts';
import { requireBinaryType, toMedia, type MediaKind } from './to-media.ts';
import { UrlFetcher } from './url-fetcher.ts';

const MEGABYTE = 1024 * 1024;

/** Loads images and files that clients name and maps them to blocks for the model. */
@Injectable()
export class MediaService implements OnApplicationShutdown {
  private readonly cache: MediaCache;
  private readonly files: LocalFileReader;
  private readonly fetcher: UrlFetcher;

  constructor(
    private readonly settings: MediaSettings,
    private readonly access: FileAccessSettings,
  ) {
    this.cache = new MediaCache({
      maxBytes: Math.ceil(settings.cacheMegabytes * MEGABYTE),
      maxAgeMs: Math.ceil(settings.cacheMinutes * 60_000),
    });
    this.files = new LocalFileReader(access.additionalDirs);
    this.fetcher = new UrlFetcher({
      ports: settings.urlPorts,
      trustedOrigins: settings.trustedOrigins.map((origin) => new URL(origin).origin),
      timeoutMs: Math.ceil(settings.urlTimeoutSeconds * 1000),
    });
  }

  /** The maximum numbers of images and of files in a request. */
  get maxCounts(): Readonly<Record<MediaKind, number>> {
    return { image: this.settings.maxImages, file: this.settings.maxFiles };
  }

  get maxTotalBytes(): number {
    return this.settings.maxTotalMegabytes * MEGABYTE;
  }

  /**
   * Loads an image from a data URL, http(s) URL or local path. Rejects with a MediaError, or with the reason of an aborted
   * signal.
   */
  async image(url: string, tenant: string, signal: AbortSignal): Promise<Media> {
    const maxBytes = this.settings.maxImageMegabytes * MEGABYTE;
    if (isDataUrl(url)) return inline(url, 'image', maxBytes);
    if (isLocalPath(url)) return this.localImage(url, maxBytes);
    return this.fetchedImage(url, maxBytes, tenant, signal);
  }

  /** Decodes an image from a data URL. Throws a MediaError. */
  inlineImage(url: string): Media {
    return inline(url, 'image', this.settings.maxImageMegabytes * MEGABYTE);
  }

  /** Decodes a file from a data URL or base64. Throws a MediaError. */
  file(data: string): Media {
    return inline(data, 'file', this.settings.maxFileMegabytes * MEGABYTE);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.fetcher.close();
  }

  private async localImage(path: string, maxBytes: number): Promise<Media> {
    if (this.access.additionalDirs.length === 0) {
      throw new MediaError(
        'local_file_not_allowed',
        'local files cannot be used with this service: no directory is allowed (file_access.additional_dirs)',
      );
    }
    return toMedia(await this.files.read(path, maxBytes, requireBinaryType), 'image');
  }

  private fetchedImage(url: string, maxBytes: number, tenant: string, signal: AbortSignal): Promise<Media> {
    if (!this.settings.allowUrls) {
      throw new MediaError('url_not_allowed', 'this service fetches no URLs: send the content as a data URL');
    }
    checkUrlLength(url);
    const load = async (either: AbortSignal): Promise<Media> =>
      toMedia(await this.fetcher.fetch(url, maxBytes, requireBinaryType, either), 'image');
    return this.cache.get({ tenant, url }, load, signal);
  }
}

function inline(text: string, kind: MediaKind, maxBytes: number): Media {
  const { isBase64, payload } = isDataUrl(text) ? parseDataUrl(text) : { isBase64: true, payload: text };
  if (!isBase64) {
    // A byte takes at most three characters of the URL.
    if (payload.length > maxBytes * 3) throw tooLarge(maxBytes);
    const bytes = decodePercent(payload);
    if (bytes.length > maxBytes) throw tooLarge(maxBytes);
    return toMedia(bytes, kind);
  }
  const decoded = decodeBase64(payload, maxBytes);
  return toMedia(decoded.bytes, kind, decoded.text);
}
