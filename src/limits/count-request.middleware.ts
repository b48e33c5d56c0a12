import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { writeError } from '../common/errors/write-error.ts';
import { requestContext } from '../common/http/request-context.ts';
import { isApiPath } from '../common/http/service-paths.ts';
import { LimitsService } from './limits.service.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/**
 * Counts each request of the API against the minute limits of its key and the service, before the body is read. Every
 * limited response has the remaining amounts in its headers.
 */
@Injectable()
export class CountRequestMiddleware implements NestMiddleware {
  constructor(private readonly limits: LimitsService) {}

  async use(request: Request, response: Response, next: NextFunction): Promise<void> {
    if (!isApiPath(request.path)) return next();
    const state = await this.limits.countRequest(requestContext(request));
    response.setHeaders(new Map(Object.entries(rateLimitHeaders(state))));
    if (state.refusal) writeError(response, state.refusal);
    else next();
  }
}
