import { ClaudeCliError, ToolRefusedError, UpstreamError } from '../claude-cli/errors.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { AskedTurn } from './asked-turn.ts';
import { serviceUnavailable } from '../models/from-pool-problem.ts';
import { PoolUnavailableError, ProcessPoolError } from '../process-pool/errors.ts';

/** The position of a tool in the body of a request, by its name. */
type FindTool = AskedTurn['findTool'];

/** Maps a failure of the lower layers to the client's error; returns other errors unchanged. */
export function toGatewayError(error: unknown, findTool: FindTool = () => undefined): unknown {
  if (error instanceof ProcessPoolError) return fromPool(error);
  if (error instanceof ToolRefusedError) return fromRefusedTool(error, findTool);
  if (error instanceof UpstreamError) return fromUpstream(error);
  if (error instanceof ClaudeCliError) return fromCli(error);
  return error;
}

function fromPool(error: ProcessPoolError): GatewayError {
  const { retryAfterSeconds } = error;
  switch (error.code) {
    case 'queue-full':
      return new GatewayError(429, 'Too many requests are waiting. Please try again.', {
        code: 'queue_full',
        retryAfterSeconds,
        cause: error,
      });
    case 'queue-timeout':
      return unavailable('No process came free in time. Please try again.', 'queue_timeout', retryAfterSeconds, error);
    case 'draining':
      return unavailable('The service is shutting down. Please try again.', 'draining', retryAfterSeconds, error);
    case 'unavailable': {
      const code = error instanceof PoolUnavailableError ? error.problem : 'unavailable';
      return serviceUnavailable({ code, message: error.message }, retryAfterSeconds, error);
    }
  }
}

function unavailable(message: string, code: string, retryAfterSeconds: number, cause: Error): GatewayError {
  return new GatewayError(503, message, {
    code,
    retryAfterSeconds,
    cause,
  });
}

function fromUpstream(error: UpstreamError): GatewayError {
  const { status, detail } = error;
  if (error.isPromptTooLong || (status === 400 && /prompt is too long|exceed context limit/i.test(detail))) {
    return new GatewayError(400, `The messages are longer than the model's context window. ${detail}`, {
      param: 'messages',
      code: 'context_length_exceeded',
      cause: error,
    });
  }
  switch (status) {
    case 400:
      return new GatewayError(400, detail, { code: 'upstream_invalid_request', cause: error });
    case 401:
      return authenticationFailed(error);
    case 403:
      return error.isAccountWide ? authenticationFailed(error) : permissionDenied(error);
    case 404:
      return new GatewayError(404, 'The model does not exist or this service has no access to it.', {
        param: 'model',
        code: 'model_not_found',
        cause: error,
      });
    case 413:
      return new GatewayError(413, 'The request is too large for the model provider.', {
        code: 'request_too_large',
        cause: error,
      });
    case 429:
      return new GatewayError(429, 'The rate limit of the model provider is exceeded. Please try again later.', {
        code: 'rate_limit_exceeded',
        retryAfterSeconds: error.retryAfterSeconds ?? 10,
        cause: error,
      });
    case 503:
    case 529:
      return unavailable(
        'The model provider is overloaded. Please try again later.',
        'upstream_overloaded',
        error.retryAfterSeconds ?? 5,
        error,
      );
    case undefined:
      return badGateway('The connection to the model provider failed.', 'upstream_connection_failed', error);
    default:
      return badGateway('The model provider had an error.', 'upstream_error', error);
  }
}

/** The position that the provider refuses, before its message, as in `tools.3.custom.input_schema.properties: …`. */
const TOOL_REFUSAL = /^tools\.\d+\.(?:custom\.)?(\w+)(?:\.([^:]*))?:\s*/;

function fromRefusedTool(error: ToolRefusedError, findTool: FindTool): GatewayError {
  const { detail, toolName } = error;
  const [prefix = '', field, inside] = TOOL_REFUSAL.exec(detail) ?? [];
  const place = findTool(toolName);
  const isSchema = field === 'input_schema';
  const what = isSchema ? 'Invalid schema for function' : 'Invalid function';
  const at = inside === undefined ? '' : ` at '${inside}'`;
  return new GatewayError(400, `${what} '${toolName}'${at}: ${detail.slice(prefix.length)}`, {
    ...(place && { param: isSchema ? place.schemaPath : place.path }),
    code: isSchema ? 'invalid_function_parameters' : 'upstream_invalid_request',
    cause: error,
  });
}

/** Not 401: the client's own key is valid. */
function authenticationFailed(error: UpstreamError): GatewayError {
  return new GatewayError(502, 'The service could not authenticate with its model provider.', {
    code: 'upstream_authentication_failed',
    ...(error.retryAfterSeconds !== undefined && { retryAfterSeconds: error.retryAfterSeconds }),
    cause: error,
  });
}

function permissionDenied(cause: UpstreamError): GatewayError {
  return badGateway(
    'The model provider does not allow this service to use the model.',
    'upstream_permission_denied',
    cause,
  );
}

function badGateway(message: string, code: string, cause: Error): GatewayError {
  return new GatewayError(502, message, { code, cause });
}

function fromCli(error: ClaudeCliError): GatewayError {
  switch (error.code) {
    case 'not-logged-in':
      return unavailable('The Claude Code CLI is not logged in on the server.', 'credentials_missing', 60, error);
    case 'turn-timeout':
      return new GatewayError(504, 'The answer took too long.', { code: 'timeout', cause: error });
    case 'cli-not-found':
      return new GatewayError(500, 'The Claude Code CLI is not installed on the server.', {
        code: 'cli_not_found',
        cause: error,
      });
    case 'answer-cut':
      return badGateway('The answer was interrupted and could not be resumed.', 'stream_interrupted', error);
    default:
      return badGateway('The Claude Code CLI failed while it was answering.', 'cli_failed', error);
  }
}
