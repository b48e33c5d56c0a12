import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { ErrorFormat } from './common/errors/error-format.ts';
import { requestContext } from './common/http/request-context.ts';
import { anthropicErrorFormat } from './messages/response/anthropic-error-format.ts';

/** An API whose errors are not in OpenAI's shape. */
interface OtherApi {
  /** Below which its paths are. */
  readonly prefix: string;
  /** By which its clients are known, where they share the paths with those of OpenAI. */
  readonly clientHeader?: string;
  readonly format: ErrorFormat;
  /** The header in which its clients look for the id of a request, beside `x-request-id`. */
  readonly requestIdHeader: string;
}

const ANTHROPIC = { format: anthropicErrorFormat, requestIdHeader: 'request-id' };

const OTHER_APIS: readonly OtherApi[] = [
  { ...ANTHROPIC, prefix: '/v1/messages' },
  { ...ANTHROPIC, prefix: '/v1/models', clientHeader: 'anthropic-version' },
];

/** Has a request answered, errors of every middleware and route included, as the API of its path does. */
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
