import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { requestContext } from '../http/request-context.ts';
import { DeclaredRoutes } from '../http/declared-routes.ts';
import { Logger } from '../logging/logger.ts';
import { toErrorAnswer } from './to-error-answer.ts';
import { unknownRoute } from './unknown-route.ts';
import { writeError } from './write-error.ts';

/** Responds to every failure of a route, and to every request without a route, in the error format of its path. */
@Catch()
export class GatewayErrorFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly routes: DeclaredRoutes,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const context = requestContext(request);
    const answer =
      error instanceof NotFoundException
        ? unknownRoute(request, response, this.routes.methodsOf(request.path))
        : toErrorAnswer(error, context.requestId);
    if (answer.status >= 500) {
      this.logger.error(
        { requestId: context.requestId, status: answer.status, error: answer.cause ?? answer },
        'request failed',
      );
    }
    writeError(response, answer);
  }
}
