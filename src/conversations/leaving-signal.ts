import type { Request } from 'express';
import { clientLeft } from './errors.ts';

/** A signal that aborts when the client of a request disconnects. */
export function leavingSignal({ res: response }: Request): AbortSignal {
  const leaving = new AbortController();
  response?.once('close', () => leaving.abort(clientLeft()));
  return leaving.signal;
}
