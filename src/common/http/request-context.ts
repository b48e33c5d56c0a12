import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What is known of a request while it is served; also what its access line tells. Holds no content. */
export interface RequestContext {
  readonly requestId: string;
  readonly receivedAt: number;
  /** The name of the API key, or `anonymous`. */
  tenant: string;
  /** An error code, or `ok` or `cancelled`. */
  outcome?: string;
  /** Further fields of the access line. */
  details?: Readonly<Record<string, unknown>>;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();
const ACCEPTED_ID = /^[\w.:-]{1,128}$/;

/** The context of a request; made, with the client's own request id where it is acceptable, when first asked for. */
export function requestContext(request: IncomingMessage): RequestContext {
  let context = contexts.get(request);
  if (!context) {
    const given = request.headers['x-request-id'];
    const requestId =
      typeof given === 'string' && ACCEPTED_ID.test(given) ? given : `req_${randomUUID().replaceAll('-', '')}`;
    context = { requestId, receivedAt: performance.now(), tenant: 'anonymous' };
    contexts.set(request, context);
  }
  return context;
}
