import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { writeError } from '../common/errors/write-error.ts';
import { requestContext } from '../common/http/request-context.ts';
import { isHealthPath } from '../common/http/service-paths.ts';
import { KeyRegistry } from './key-registry.ts';

/**
 * Authenticates requests by `Authorization: Bearer` or `x-api-key`, and stores the key's tenant and policy in the request
 * context; accepts every request while the registry is open. Runs before the body is read. Health checks need no key.
 */
@Injectable()
export class ApiKeyMiddleware implements NestMiddleware {
  constructor(private readonly keys: KeyRegistry) {}

  use(request: Request, response: Response, next: NextFunction): void {
    if (this.keys.isOpen || isHealthPath(request.path)) return next();
    const given = givenKey(request);
    const key = given === undefined ? undefined : this.keys.find(given);
    if (key) {
      const context = requestContext(request);
      context.tenant = key.name;
      context.policy = key.policy;
      return next();
    }
    writeError(response, given === undefined ? missingKey() : wrongKey());
  }
}

function givenKey(request: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-api-key'];
  return bearer ?? (typeof header === 'string' && header !== '' ? header : undefined);
}

function missingKey(): GatewayError {
  const message =
    "You didn't provide an API key. Send it in an Authorization header with the Bearer scheme (Authorization: Bearer YOUR_KEY).";
  return new GatewayError(401, message, { code: 'missing_api_key' });
}

function wrongKey(): GatewayError {
  return new GatewayError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
}
