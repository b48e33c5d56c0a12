/** Base of what the pool refuses with. Plain data: answers/to-gateway-error.ts decides on status and words. */
export class ProcessPoolError extends Error {
  constructor(
    readonly code: 'queue-full' | 'queue-timeout' | 'draining' | 'unavailable',
    message: string,
    /** Seconds after which another try makes sense. */
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Every process is busy and the waiting line is full. */
export class QueueFullError extends ProcessPoolError {
  constructor(retryAfterSeconds: number) {
    super('queue-full', 'every process is busy and the waiting line is full', retryAfterSeconds);
  }
}

/** A place in the waiting line was had, but no process came free in time. */
export class QueueTimeoutError extends ProcessPoolError {
  constructor(
    readonly waitedMs: number,
    retryAfterSeconds: number,
  ) {
    super('queue-timeout', `no process came free within ${waitedMs} ms`, retryAfterSeconds);
  }
}

/** The service is shutting down and admits nothing new. */
export class DrainingError extends ProcessPoolError {
  constructor(retryAfterSeconds: number) {
    super('draining', 'the service is shutting down', retryAfterSeconds);
  }
}

/** No process can be started, or the checks before readiness have failed. */
export class PoolUnavailableError extends ProcessPoolError {
  constructor(
    message: string,
    retryAfterSeconds: number,
    /** What stands in the way, as in `PoolProblem`. */
    readonly problem = 'unavailable',
    options?: ErrorOptions,
  ) {
    super('unavailable', message, retryAfterSeconds, options);
  }
}
