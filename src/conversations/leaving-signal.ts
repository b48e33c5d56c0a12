import type { Request } from 'express';
import { clientLeft } from './errors.ts';

/** Aborted, with an error for nobody to read, when the client of a request leaves. */
export function leavingSignal({ res: response }: Request): AbortSignal {
  const leaving = new AbortController();
  response?.once('close', () => leaving.abort(clientLeft()));
  return leaving.signal;
}
