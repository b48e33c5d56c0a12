import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { requestContext } from './request-context.ts';

/** Longer ones are digested and kept for nothing most of the time. */
const MAX_BYTES = 64 * 1024;

/** Notes with a request which bytes its body is, unless they are many. */
export function noteBody(request: IncomingMessage, body: Buffer, values: number): void {
  if (body.length > MAX_BYTES) return;
  requestContext(request).body = { digest: hash('sha256', body, 'base64url'), bytes: body.length, values };
}
