/** Base of the pool's refusals. Plain data: answers/to-gateway-error.ts chooses status and message. */
export class ProcessPoolError extends Error {
  constructor(
    readonly code: 'queue-full' | 'queue-timeout' | 'draining' | 'unavailable',
    message: string,
    /** Seconds after which a retry makes sense. */
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Every process is busy and the queue is full. */
export class QueueFullError extends ProcessPoolError {
  constructor(retryAfterSeconds: number) {
    super('queue-full', 'every process is busy and the waiting line is full', retryAfterSeconds);
  }
}

/** The request was queued, but no process became free in time. */
export class QueueTimeoutError extends ProcessPoolError {
  constructor(
    readonly waitedMs: number,
    retryAfterSeconds: number,
  ) {
    super('queue-timeout', `no process came free within ${waitedMs} ms`, retryAfterSeconds);
  }
}

/** The service is draining and accepts no new requests. */
export class DrainingError extends ProcessPoolError {
  constructor(retryAfterSeconds: number) {
    super('draining', 'the service is shutting down', retryAfterSeconds);
  }
}

/** No process can start, or the checks before readiness have failed. */
export class PoolUnavailableError extends ProcessPoolError {
  constructor(
    message: string,
    retryAfterSeconds: number,
    /** The `code` of a `PoolProblem`. */
    readonly problem = 'unavailable',
    options?: ErrorOptions,
  ) {
    super('unavailable', message, retryAfterSeconds, options);
  }
}
