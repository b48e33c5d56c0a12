interface GatewayErrorOptions extends ErrorOptions {
  readonly param?: string;
  readonly code?: string;
  readonly retryAfterSeconds?: number;
  readonly limit?: ExceededLimit;
}

/** What a request of status 429 was too much for. */
export type ExceededLimit = 'requests' | 'tokens';

/**
 * A response that is an error, in no API's shape yet: an `ErrorFormat` gives it one. Its message is for the client and
 * carries no internals; those stand in `cause`.
 */
export class GatewayError extends Error {
  /** The field that is wrong, as a path into the body; null when it is not about a field. */
  readonly param: string | null;
  /** A short name of the failure that programs can rely on. */
  readonly code: string | null;
  readonly retryAfterSeconds: number | undefined;
  /** Only with status 429. */
  readonly limit: ExceededLimit | undefined;

  /** @param status the HTTP status of the response */
  constructor(
    readonly status: number,
    message: string,
    options: GatewayErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'GatewayError';
    this.param = options.param ?? null;
    this.code = options.code ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
  }

  /** The failure in one word, for logs and figures. */
  get outcome(): string {
    return this.code ?? (this.status < 500 ? 'invalid_request' : 'server_error');
  }

  /** The same error with another message and field. */
  with(message: string, param: string): GatewayError {
    const { status, code, retryAfterSeconds, limit, cause } = this;
    return new GatewayError(status, message, {
      param,
      limit,
      retryAfterSeconds,
      ...(code !== null && { code }),
      ...(cause !== undefined && { cause }),
    });
  }
}

/** The request is not what the API takes; `param` names the field. */
export function invalidRequest(message: string, param?: string, code?: string, cause?: unknown): GatewayError {
  return new GatewayError(400, message, {
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause }),
  });
}

/** The field is known, but what it asks for is not available here. */
export function unsupported(message: string, param: string): GatewayError {
  return invalidRequest(message, param, 'unsupported_parameter');
}

export function internalError(requestId: string, cause: unknown): GatewayError {
  return new GatewayError(500, `The server had an error while processing your request (request ${requestId}).`, {
    code: 'internal_error',
    cause,
  });
}
