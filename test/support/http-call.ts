import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { assertMatchesSchema } from './openai-schema.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Call {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Whether the body's end is never sent. */
  readonly isUnfinished?: boolean;
}

/** Unlike fetch, it sends any path and any header as they are. */
export function call(
  service: { readonly url: string },
  path: string,
  { method, headers, body, isUnfinished }: Call = {},
): Promise<Answer> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      path,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    outgoing.on('error', reject).on('response', (response) => {
      let text = '';
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          outgoing.destroy();
        });
    });
    if (isUnfinished) outgoing.write(body);
    else outgoing.end(body);
  });
}

export interface ErrorShape {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** The error of an answer, which is asserted to be in OpenAI's shape. */
export function errorOf({ text }: Answer): ErrorShape {
  const body = JSON.parse(text) as { error: ErrorShape };
  assertMatchesSchema('ErrorResponse', body);
  return body.error;
}
