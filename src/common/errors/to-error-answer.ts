import { HttpException } from '@nestjs/common';
import { GatewayError, internalError } from './gateway-error.ts';

/** Any failure as the error that the client is answered with. What nobody expected says nothing of its cause. */
export function toErrorAnswer(error: unknown, requestId: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof HttpException && error.getStatus() < 500) return unreadableRequest(error);
  return internalError(requestId, error);
}

/** No route here throws it: it is Nest's account of what Express or its body parser could not read, with that as cause. */
function unreadableRequest(error: HttpException): GatewayError {
  const { cause } = error;
  if (cause instanceof URIError) {
    return clientError(400, 'The URL of the request is not encoded properly.', error, 'invalid_url');
  }
  const status = error.getStatus();
  switch (status) {
    case 413:
      return clientError(status, 'The body of the request is too large.', error, 'request_too_large');
    case 415:
      return clientError(status, `The body cannot be read: ${error.message}.`, error, 'unsupported_encoding');
    default:
      return clientError(status, error.message, error);
  }
}

function clientError(status: number, message: string, cause: Error, code?: string): GatewayError {
  return new GatewayError(status, message, { cause, ...(code !== undefined && { code }) });
}
