import { invalidRequest, type GatewayError } from '../common/errors/gateway-error.ts';
import { MediaError } from './media-error.ts';
import type { MediaKind } from './to-media.ts';

/** Maps a MediaError to a GatewayError; returns other errors unchanged. */
export function toGatewayError(error: unknown, param: string): unknown {
  if (!(error instanceof MediaError)) return error;
  const { code, message, cause } = error;
  return invalidRequest(`Invalid '${param}': ${message}.`, param, code, cause);
}

export function tooManyMedia(kind: MediaKind, max: number, path: string): GatewayError {
  return invalidRequest(`Too many ${kind}s: at most ${max} are allowed.`, path, `too_many_${kind}s`);
}

export function tooMuchMedia(path: string, maxBytes: number): GatewayError {
  const megabytes = Math.round(maxBytes / (1024 * 1024));
  const message = `The images and files of the request are larger than ${megabytes} MB together.`;
  return invalidRequest(message, path, 'media_too_large');
}
