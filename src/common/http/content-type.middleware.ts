import type { IncomingMessage } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { GatewayError } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';

/**
 * The types that JSON is sent as. None of them is a type that a web page may send to another site without a preflight
 * request. `text/plain`, the types of forms and a body without a type are such, so they stay refused.
 */
const JSON_TYPE = /^(?:application|text)\/(?:(?:x-)?json|[\w.!#$&^-]+\+json)$/;

/** JSON is exchanged in UTF-8, and ASCII is part of it. */
const UTF_8 = /^(?:utf-?8|(?:us-)?ascii)$/;

/** A header may be long, and comes back in a message. */
const MAX_CHARACTERS = 100;

/** Whether there is anything to read; an empty body is none. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Refuses a body that is not JSON in UTF-8 before anything of it is read. */
@Injectable()
export class ContentTypeMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    const given = request.headers['content-type'];
    if (given === 'application/json' || !hasBody(request)) return next();
    const refusal = refusalOf(given);
    if (refusal) return writeError(response, refusal);
    // The parser need not understand how the client spelled it.
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
