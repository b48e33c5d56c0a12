import { HttpException } from '@nestjs/common';
import { GatewayError, internalError } from './gateway-error.ts';

/** Maps any failure to the client's error. The error for an unexpected failure contains nothing of its cause. */
export function toErrorAnswer(error: unknown, requestId: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof HttpException && error.getStatus() < 500) return unreadableRequest(error);
  return internalError(requestId, error);
}

/** Only Nest throws it, for what Express or its body parser could not read; `cause` has the original error. */
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
