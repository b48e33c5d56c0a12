import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { ErrorFormat } from './common/errors/error-format.ts';
import { requestContext } from './common/http/request-context.ts';
import { anthropicErrorFormat } from './messages/response/anthropic-error-format.ts';

/** An API with its own error format. */
interface OtherApi {
  /** The prefix of its paths. */
  readonly prefix: string;
  /** The header that identifies its clients on paths shared with OpenAI's API. */
  readonly clientHeader?: string;
  readonly format: ErrorFormat;
  /** Its header for the request id, in addition to `x-request-id`. */
  readonly requestIdHeader: string;
}

const ANTHROPIC = { format: anthropicErrorFormat, requestIdHeader: 'request-id' };

const OTHER_APIS: readonly OtherApi[] = [
  { ...ANTHROPIC, prefix: '/v1/messages' },
  { ...ANTHROPIC, prefix: '/v1/models', clientHeader: 'anthropic-version' },
];

/** Sets the error format of a request by the API of its path, for errors of every middleware and route. */
@Injectable()
export class ErrorFormatMiddleware implements NestMiddleware {
  use(request: Request, response: Response, next: NextFunction): void {
    const api = OTHER_APIS.find((candidate) => isOf(candidate, request));
    if (api) {
      const context = requestContext(request);
      context.errorFormat = api.format;
      response.setHeader(api.requestIdHeader, context.requestId);
    }
    next();
  }
}

function isOf({ prefix, clientHeader }: OtherApi, { path, headers }: Request): boolean {
  const isBelow = path === prefix || path.startsWith(`${prefix}/`);
  return isBelow && (clientHeader === undefined || headers[clientHeader] !== undefined);
}
