export type MediaErrorCode =
  | 'invalid_url'
  | 'invalid_base64'
  | 'unsupported_media_type'
  | 'media_too_large'
  | 'local_file_not_allowed'
  | 'url_not_allowed'
  | 'url_not_fetched';

/** An unusable image or file. The message is for the client: it contains no path, address or content. */
export class MediaError extends Error {
  constructor(
    readonly code: MediaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'MediaError';
  }
}

/** The content exceeds the configured size. */
export function tooLarge(maxBytes: number): MediaError {
  return new MediaError('media_too_large', `it is larger than the ${megabytes(maxBytes)} MB that are allowed`);
}

function megabytes(bytes: number): number {
  return Math.round((bytes / (1024 * 1024)) * 100) / 100;
}
