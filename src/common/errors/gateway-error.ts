/** The body of every error, in OpenAI's shape: all four keys are always there. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** The field that is wrong, as a path into the body; null when it is not about a field. */
    readonly param: string | null;
    readonly code: string | null;
  };
}

interface GatewayErrorOptions extends ErrorOptions {
  readonly param?: string;
  readonly code?: string;
  readonly retryAfterSeconds?: number;
}

/** An answer that is an error. Its message is for the client and carries no internals; those stand in `cause`. */
export class GatewayError extends Error {
  readonly param: string | null;
  readonly code: string | null;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    options: GatewayErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'GatewayError';
    this.param = options.param ?? null;
    this.code = options.code ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get body(): ErrorBody {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** The request is not what the API takes; `param` names the field. */
export function invalidRequest(message: string, param?: string, code?: string, cause?: unknown): GatewayError {
  return new GatewayError(400, 'invalid_request_error', message, {
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
  return new GatewayError(
    500,
    'server_error',
    `The server had an error while processing your request (request ${requestId}).`,
    {
      code: 'internal_error',
      cause,
    },
  );
}
