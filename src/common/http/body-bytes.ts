import type { IncomingMessage } from 'node:http';

const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Keeps the bytes of a body whose parsed values lose digits. */
export function keepBodyBytes(request: IncomingMessage, body: Buffer): void {
  bodies.set(request, body);
}

/** The kept bytes of a body, once; undefined if its values are exact. */
export function takeBodyBytes(request: IncomingMessage): Buffer | undefined {
  const body = bodies.get(request);
  bodies.delete(request);
  return body;
}
