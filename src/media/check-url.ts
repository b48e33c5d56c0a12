import { isIP } from 'node:net';
import { isPublicAddress } from './is-public-address.ts';
import { MediaError } from './media-error.ts';

export interface UrlRules {
  readonly ports: readonly number[];
  /** Origins that the operator trusts, at any address. */
  readonly trustedOrigins: readonly string[];
}

export interface CheckedUrl {
  readonly url: URL;
  readonly isTrusted: boolean;
}

/** Longer than servers accept. */
const MAX_URL_CHARACTERS = 16_384;

/** Call before anything else is done with a URL. Throws a MediaError. */
export function checkUrlLength(text: string): void {
  if (text.length <= MAX_URL_CHARACTERS) return;
  throw new MediaError('invalid_url', `it is a URL of more than ${MAX_URL_CHARACTERS} characters`);
}

/**
 * Allows http and https without credentials, at an allowed port, not to a private address. Names are checked when they are
 * resolved. Throws a MediaError.
 *
 * @param from the URL that redirects here
 */
export function checkUrl(text: string, rules: UrlRules, from?: URL): CheckedUrl {
  checkUrlLength(text);
  const url = URL.parse(text, from?.href);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new MediaError('invalid_url', 'it is not a valid URL of http or https');
  }
  if (url.username !== '' || url.password !== '') throw notAllowed('URLs with credentials are not allowed');
  if (rules.trustedOrigins.includes(url.origin)) return { url, isTrusted: true };
  if (from?.protocol === 'https:' && url.protocol === 'http:') throw notAllowed('it redirects from https to http');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!rules.ports.includes(port)) throw notAllowed('its port is not allowed');
  // The URL parser has already normalised other spellings of an address (decimal, octal, hex, short).
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic();
  return { url, isTrusted: false };
}

/** The same for a host without any address, so that clients cannot probe the names of an internal network. */
export function notPublic(cause?: unknown): MediaError {
  return notAllowed('its host is not on the public internet', cause);
}

function notAllowed(message: string, cause?: unknown): MediaError {
  return new MediaError('url_not_allowed', message, { cause });
}
