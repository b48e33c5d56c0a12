import { isIP } from 'node:net';
import { isPublicAddress } from './is-public-address.ts';
import { MediaError } from './media-error.ts';

export interface UrlRules {
  readonly ports: readonly number[];
  /** Origins that the operator vouches for, wherever they are. */
  readonly trustedOrigins: readonly string[];
}

export interface CheckedUrl {
  readonly url: URL;
  readonly isTrusted: boolean;
}

/** More than servers take. */
const MAX_URL_CHARACTERS = 16_384;

/** To be called before anything else is done with a URL. Throws a MediaError. */
export function checkUrlLength(text: string): void {
  if (text.length <= MAX_URL_CHARACTERS) return;
  throw new MediaError('invalid_url', `it is a URL of more than ${MAX_URL_CHARACTERS} characters`);
}

/**
 * What may be fetched: http and https, without credentials, at a port that is allowed, not by a private address. Names are
 * checked when they are resolved. Throws a MediaError.
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
  // The URL parser has already turned the other spellings of an address (decimal, octal, hex, short) into this one.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic();
  return { url, isTrusted: false };
}

/** The same for a host that has no address at all, so that nobody learns which names an internal network knows. */
export function notPublic(cause?: unknown): MediaError {
  return notAllowed('its host is not on the public internet', cause);
}

function notAllowed(message: string, cause?: unknown): MediaError {
  return new MediaError('url_not_allowed', message, { cause });
}
