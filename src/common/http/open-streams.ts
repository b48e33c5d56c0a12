import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ServerSettings } from '../../config/settings.ts';
import { GatewayError } from '../errors/gateway-error.ts';

const RETRY_AFTER_SECONDS = 5;

/** Limits concurrent streams: each holds a connection for as long as its client likes. */
@Injectable()
export class OpenStreams {
  private count = 0;

  constructor(private readonly settings: ServerSettings) {}

  /** Counts a response until it closes. Throws a GatewayError of status 503 at the limit. */
  enter(response: ServerResponse): void {
    if (this.count >= this.settings.maxOpenStreams) {
      throw new GatewayError(503, 'Too many answers are being streamed. Please try again.', {
        code: 'too_many_streams',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.count += 1;
    response.once('close', () => (this.count -= 1));
  }
}
