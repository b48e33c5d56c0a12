import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { requestContext } from './request-context.ts';

/** Longer ones are digested and kept for nothing most of the time. */
const MAX_BYTES = 64 * 1024;
/** What the bytes and the values of a body take in memory, at most, once it is understood. */
const MEMORY_PER_BYTE = 4;
const MEMORY_PER_VALUE = 400;

/** Notes with a request which bytes its body is, unless they are many. */
export function noteBody(request: IncomingMessage, body: Buffer, values: number): void {
  if (body.length > MAX_BYTES) return;
  requestContext(request).body = {
    digest: hash('sha256', body, 'base64url'),
    memoryBytes: body.length * MEMORY_PER_BYTE + values * MEMORY_PER_VALUE,
  };
}
