import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { allowedMethods } from '../http/allowed-methods.ts';
import { requestContext } from '../http/request-context.ts';
import { Logger } from '../logging/logger.ts';
import { GatewayError } from './gateway-error.ts';
import { toErrorAnswer } from './to-error-answer.ts';
import { writeError } from './write-error.ts';

/** Answers every failure of a route, and every request that no route takes, in OpenAI's shape. */
@Catch()
export class GatewayErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const context = requestContext(request);
    const answer =
      error instanceof NotFoundException ? unknownRoute(request, response) : toErrorAnswer(error, context.requestId);
    if (answer.status >= 500) {
      this.logger.error(
        { requestId: context.requestId, status: answer.status, error: answer.cause ?? answer },
        'request failed',
      );
    }
    writeError(response, answer);
  }
}

function unknownRoute(request: Request, response: Response): GatewayError {
  const { method, path } = request;
  const allowed = allowedMethods(request);
  if (allowed.length === 0) {
    return new GatewayError(404, 'invalid_request_error', `Invalid URL (${method} ${path})`, { code: 'unknown_url' });
  }
  response.setHeader('allow', allowed.join(', '));
  const message = `Not allowed to ${method} on ${path}. Use ${allowed.join(' or ')}.`;
  return new GatewayError(405, 'invalid_request_error', message, { code: 'method_not_supported' });
}
