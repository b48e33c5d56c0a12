import type { IncomingMessage } from 'node:http';

const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Keeps the bytes of a body whose values are not all of what they say. */
export function keepBodyBytes(request: IncomingMessage, body: Buffer): void {
  bodies.set(request, body);
}

/** The bytes that were kept of a body, once; undefined where its values are enough. */
export function takeBodyBytes(request: IncomingMessage): Buffer | undefined {
  const body = bodies.get(request);
  bodies.delete(request);
  return body;
}
