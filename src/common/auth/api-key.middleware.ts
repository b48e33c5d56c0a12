import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import type { AuthSettings } from '../../config/settings.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';
import { requestContext } from '../http/request-context.ts';

/**
 * Lets in who has a key, as `Authorization: Bearer` or `x-api-key`, and notes whose it is; everybody when no key is
 * configured. It stands before the body is read. Health checks are open.
 */
export function requireApiKey(settings: AuthSettings) {
  const keys = settings.keys.map(({ name, sha256 }) => ({ name, digest: Buffer.from(sha256, 'hex') }));
  return (request: Request, response: Response, next: NextFunction): void => {
    if (keys.length === 0 || request.path === '/health' || request.path.startsWith('/health/')) return next();
    const given = givenKey(request);
    const name = given === undefined ? undefined : findKey(keys, given);
    if (name !== undefined) {
      requestContext(request).tenant = name;
      return next();
    }
    writeError(response, given === undefined ? missingKey() : wrongKey());
  };
}

function givenKey(request: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-api-key'];
  return bearer ?? (typeof header === 'string' && header !== '' ? header : undefined);
}

/** Compares digests, and all of them, so that the time taken tells nothing of a key. */
function findKey(keys: readonly { name: string; digest: Buffer }[], given: string): string | undefined {
  const digest = createHash('sha256').update(given).digest();
  let found: string | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key.name;
  return found;
}

function missingKey(): GatewayError {
  const message =
    "You didn't provide an API key. Send it in an Authorization header with the Bearer scheme (Authorization: Bearer YOUR_KEY).";
  return new GatewayError(401, 'invalid_request_error', message, { code: 'missing_api_key' });
}

function wrongKey(): GatewayError {
  return new GatewayError(401, 'invalid_request_error', 'Incorrect API key provided.', { code: 'invalid_api_key' });
}
