import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { CacheSettings } from '../../config/settings.ts';
import { JsonBoundsError, JsonScan } from '../body/json-scan.ts';
import { GatewayError, invalidRequest } from '../errors/gateway-error.ts';
import { writeError } from '../errors/write-error.ts';
import { keepBodyBytes } from './body-bytes.ts';
import { noteBody } from './note-body.ts';

/** Larger bodies are scanned in several turns of the event loop, so that other requests continue. */
const SLICE_BYTES = 1024 * 1024;

/** Parses the bytes that the body parser has left in `body`, if any. */
@Injectable()
export class JsonBodyMiddleware implements NestMiddleware {
  constructor(private readonly cache: CacheSettings) {}

  async use(request: Request, response: Response, next: NextFunction): Promise<void> {
    const { body } = request as { body: unknown };
    if (!Buffer.isBuffer(body)) return next();
    try {
      const scan = new JsonScan(body);
      const pause = body.length > SLICE_BYTES ? nextTurn : undefined;
      while (scan.advance(SLICE_BYTES) === 'more') await pause?.();
      if (scan.hasUnusualNumbers) keepBodyBytes(request, body);
      if (this.cache.enabled) noteBody(request, body, scan.values);
      await pause?.();
      const text = decode(body);
      await pause?.();
      request.body = body.length === 0 ? {} : parse(text);
      await pause?.();
    } catch (error) {
      return writeError(response, toRefusal(error));
    }
    // The client may have disconnected meanwhile.
    if (!response.destroyed) next();
  }
}

/** Some clients begin a UTF-8 text with it. */
const BYTE_ORDER_MARK = '\ufeff';

/** Throws a SyntaxError for invalid UTF-8 instead of replacing characters. */
function decode(body: Buffer): string {
  if (!isUtf8(body)) throw new SyntaxError('the body is not UTF-8');
  const text = body.toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Throws a SyntaxError for invalid JSON and for scalar values: a body is an object or a list. */
function parse(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  if (typeof value !== 'object' || value === null) throw new SyntaxError('the body is neither an object nor a list');
  return value;
}

function toRefusal(error: unknown): GatewayError {
  if (error instanceof JsonBoundsError) {
    return invalidRequest(`The JSON body is too complex: ${error.message}.`, undefined, 'json_too_complex', error);
  }
  if (!(error instanceof SyntaxError)) throw error;
  const message = 'We could not parse the JSON body of your request. Please check that it is valid JSON in UTF-8.';
  return invalidRequest(message, undefined, 'invalid_json', error);
}
