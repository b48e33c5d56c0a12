import type { ErrorFormat } from '../../common/errors/error-format.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';

/** Anthropic's body of an error. */
export interface AnthropicErrorBody {
  readonly type: 'error';
  readonly error: {
    readonly type: string;
    readonly message: string;
    /** Only for what the SDK decides by. */
    readonly details?: { readonly error_code: string; readonly unsupported: readonly string[] };
  };
  readonly request_id: string;
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

/** Anthropic's shape. Its message begins with the field that is wrong, as in `messages.0.content: …`. */
export const anthropicErrorFormat = {
  body: (error: GatewayError, requestId: string): AnthropicErrorBody => {
    const { status } = error;
    const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
    return { type: 'error', error: { type, message: messageOf(error), ...detailsOf(error) }, request_id: requestId };
  },
} satisfies ErrorFormat;

function detailsOf({ code, param }: GatewayError): Pick<AnthropicErrorBody['error'], 'details'> {
  if (code !== 'thread_unsupported_request') return {};
  return { details: { error_code: code, unsupported: [param ?? 'thread'] } };
}

function messageOf({ message, param, code }: GatewayError): string {
  if (param === null) return message;
  const field = param.replaceAll(/\[(\d+)\]/g, '.$1');
  if (code === 'missing_required_parameter') return `${field}: Field required`;
  return `${field}: ${message.replace(`'${param}'`, () => `'${field}'`)}`;
}
