interface GatewayErrorOptions extends ErrorOptions {
  readonly param?: string;
  readonly code?: string;
  readonly retryAfterSeconds?: number;
  readonly limit?: ExceededLimit;
}

/** The limit that a request of status 429 exceeded. */
export type ExceededLimit = 'requests' | 'tokens';

/**
 * An error response, without an API's shape: an `ErrorFormat` gives it one. The message is for the client and contains no
 * internals; `cause` has those.
 */
export class GatewayError extends Error {
  /** The path of the wrong field in the body; null if the error concerns no field. */
  readonly param: string | null;
  /** A stable name of the failure for programs. */
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

  /** A copy with another message and field. */
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

/** The request is invalid; `param` names the field. */
export function invalidRequest(message: string, param?: string, code?: string, cause?: unknown): GatewayError {
  return new GatewayError(400, message, {
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause }),
  });
}

/** The field is known, but its value is not available in this service. */
export function unsupported(message: string, param: string): GatewayError {
  return invalidRequest(message, param, 'unsupported_parameter');
}

export function internalError(requestId: string, cause: unknown): GatewayError {
  return new GatewayError(500, `The server had an error while processing your request (request ${requestId}).`, {
    code: 'internal_error',
    cause,
  });
}
