import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { requestContext } from './request-context.ts';

/** The digests of longer bodies are rarely used. */
const MAX_BYTES = 64 * 1024;

/** Records the identity of a body with its request, unless the body is large. */
export function noteBody(request: IncomingMessage, body: Buffer, values: number): void {
  if (body.length > MAX_BYTES) return;
  requestContext(request).body = { digest: hash('sha256', body, 'base64url'), bytes: body.length, values };
}
