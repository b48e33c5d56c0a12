import { GatewayError } from '../common/errors/gateway-error.ts';
import type { PoolProblem } from '../process-pool/pool-status.ts';

/**
 * The error for requests while no model is available, by the problem's code. The message contains only what the client can
 * act on.
 */
export function serviceUnavailable(problem: PoolProblem, retryAfterSeconds: number, cause?: Error): GatewayError {
  const code = problem.code.replaceAll('-', '_');
  switch (code) {
    case 'cli_not_found':
      return new GatewayError(500, 'The Claude Code CLI is not installed on the server.', {
        code,
        cause,
      });
    case 'credentials_missing':
    case 'draining':
    case 'starting':
      return new GatewayError(503, problem.message, { code, retryAfterSeconds, cause });
    default:
      return new GatewayError(503, 'The Claude Code CLI cannot be used at the moment.', {
        code,
        retryAfterSeconds,
        cause,
      });
  }
}
