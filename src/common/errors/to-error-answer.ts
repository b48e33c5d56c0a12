import { BadRequestException, HttpException } from '@nestjs/common';
import { GatewayError, internalError } from './gateway-error.ts';

/** What the body parser throws (http-errors). */
interface BodyError {
  readonly type?: string;
  readonly status?: number;
  readonly message: string;
}

/** Any failure as the error that the client is answered with. What nobody expected says nothing of its cause. */
export function toErrorAnswer(error: unknown, requestId: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof BadRequestException || error instanceof SyntaxError) return unreadableBody(error);
  if (error instanceof HttpException && error.getStatus() < 500) {
    return new GatewayError(error.getStatus(), 'invalid_request_error', error.message, { cause: error });
  }
  const { type, status } = error as BodyError;
  switch (type) {
    case 'entity.parse.failed':
      return unreadableBody(error);
    case 'entity.too.large':
      return new GatewayError(413, 'invalid_request_error', 'The body of the request is too large.', {
        code: 'request_too_large',
      });
    case 'request.aborted':
      return new GatewayError(400, 'invalid_request_error', 'The request was aborted.', { cause: error });
    default:
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new GatewayError(status, 'invalid_request_error', (error as Error).message, { cause: error });
  }
  return internalError(requestId, error);
}

/** No route here throws it: what remains is Nest's account of a body that is not JSON. */
function unreadableBody(cause: unknown): GatewayError {
  const message = 'We could not parse the JSON body of your request. Please check that it is valid JSON.';
  return new GatewayError(400, 'invalid_request_error', message, { code: 'invalid_json', cause });
}
