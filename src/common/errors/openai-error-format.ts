import type { ErrorFormat } from './error-format.ts';
import type { GatewayError } from './gateway-error.ts';

/** OpenAI's error body: all four keys are always present. */
export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** OpenAI's error format, for every path that belongs to no other API. */
export const openAiErrorFormat = {
  body: (error: GatewayError): OpenAiErrorBody => {
    const { message, param, code } = error;
    return { error: { message, type: typeOf(error), param, code } };
  },
} satisfies ErrorFormat;

function typeOf({ status, code, limit }: GatewayError): string {
  if (status === 429) return code === 'insufficient_quota' ? code : (limit ?? 'requests');
  if (status === 503) return 'service_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
