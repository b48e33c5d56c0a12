import type { IncomingMessage } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/**
 * The content types of JSON. A web page cannot send any of these to another site without a preflight request. It can send
 * `text/plain`, form types and a body without a type, so these stay refused.
 */
const JSON_TYPE = /^(?:application|text)\/(?:(?:x-)?json|[\w.!#$&^-]+\+json)$/;

/** JSON is exchanged in UTF-8, which includes ASCII. */
const UTF_8 = /^(?:utf-?8|(?:us-)?ascii)$/;

/** The message repeats the header, which may be long. */
const MAX_CHARACTERS = 100;

/** Whether a request has a body that is not empty. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses a body that is not JSON in UTF-8 before it is read. */
@Injectable()
export class ContentTypeMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    const given = request.headers['content-type'];
    if (given === 'application/json' || !hasBody(request)) return next();
    const refusal = refusalOf(given);
    if (refusal) return writeError(response, refusal);
    // Normalise the type for the parser.
    request.headers['content-type'] = 'application/json';
    next();
  }
}

function refusalOf(given: string | undefined): GatewayError | undefined {
  if (given === undefined) {
    return unsupported(
      'The request has no content type. Send the body as application/json.',
      'unsupported_content_type',
    );
  }
  const [type = ''] = given.split(/[;,]/, 1);
  if (!JSON_TYPE.test(type.trim().toLowerCase())) {
    const message = `Unsupported content type: ${given.slice(0, MAX_CHARACTERS)}. Send the body as application/json.`;
    return unsupported(message, 'unsupported_content_type');
  }
  const charset = /;\s*charset\s*=\s*["']?([^"';,\s]+)/i.exec(given)?.[1];
  if (charset === undefined || UTF_8.test(charset.toLowerCase())) return undefined;
  const message = `Unsupported character set: ${charset.slice(0, MAX_CHARACTERS)}. Send the body in UTF-8.`;
  return unsupported(message, 'unsupported_encoding');
}

function unsupported(message: string, code: string): GatewayError {
  return new GatewayError(415, message, { code });
}
