import { Worker } from 'node:worker_threads';
import type { OnApplicationShutdown } from '@nestjs/common';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { LeaseQueue, type Waiter } from '../../process-pool/pool/lease-queue.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';

/** A request to the worker thread: check a schema, and JSON against it. */
export interface CheckRequest {
  /** As JSON. */
  readonly schema: string;
  readonly json?: string;
}

export type CheckReply =
  | { readonly isUsable: false }
  | {
      readonly isUsable: true;
      /** The problem of the JSON, in words that a model can act on. */
      readonly problem?: string | undefined;
    };

/** The client that needs a check. */
export interface SchemaClient {
  /** The queue rotates between tenants and keeps the order of arrival within one. */
  readonly tenant: string;
  /** Aborted when the client disconnects. */
  readonly signal?: AbortSignal;
}

interface Job extends Waiter {
  readonly request: CheckRequest;
  readonly resolve: (reply: CheckReply | undefined) => void;
  /** Called when the job leaves the queue. */
  readonly onTaken: () => void;
}

/** A schema that cannot be compiled. */
export class UnusableSchemaError extends Error {}

const DEFAULT_DEADLINE_MS = 5_000;
const MAX_HEAP_MEGABYTES = 256;
/** Maximum queued schemas of one tenant. */
const MAX_WAITING = 256;
const MAX_WAIT_MS = 30_000;
const SOMEBODY: SchemaClient = { tenant: 'anonymous' };

/**
 * Checks JSON against clients' schemas on a worker thread: an endless pattern or reference ends only that thread. The
 * thread starts with the first schema and runs one check at a time. Answers come before schemas of new requests, whose
 * queue is bounded in length and time.
 */
export class SchemaChecker implements OnApplicationShutdown {
  private worker: Worker | undefined;
  private isReady = false;
  // Both are bounded elsewhere: schemas by tenant, answers by the running turns.
  private readonly answers = new LeaseQueue<Job>(Number.POSITIVE_INFINITY);
  private readonly schemas = new LeaseQueue<Job>(Number.POSITIVE_INFINITY);
  private running: { job: Job; timer: NodeJS.Timeout } | undefined;

  /**
   * @param deadlineMs the timeout of one check
   * @param startThread starts a thread that sends 'ready', then a CheckReply for each CheckRequest
   */
  constructor(
    private readonly deadlineMs = DEFAULT_DEADLINE_MS,
    private readonly startThread: () => Worker = startWorker,
  ) {}

  /**
   * Resolves if a schema of draft 2020-12 is usable. Rejects with UnusableSchemaError, with a GatewayError if the queue is
   * full or the wait too long, or with the signal's reason if the client disconnects while it waits.
   */
  async prepare(schema: Schema, client = SOMEBODY): Promise<void> {
    client.signal?.throwIfAborted();
    const waiting = this.schemas.all().filter(({ tenant }) => tenant === client.tenant);
    if (waiting.length >= MAX_WAITING) throw tooManyWait();
    const reply = await this.askForSchema({ schema: JSON.stringify(schema) }, client);
    if (!reply) throw new UnusableSchemaError('it takes too long to prepare');
    if (!reply.isUsable) throw new UnusableSchemaError('it cannot be compiled');
  }

  /**
   * The problem of the JSON; undefined if it is valid against the schema. Continues after a disconnect, since other
   * requests may share the answer.
   */
  async check(schema: Schema, json: string, { tenant } = SOMEBODY): Promise<string | undefined> {
    const reply = await this.askForAnswer({ schema: JSON.stringify(schema), json }, tenant);
    return reply?.isUsable ? reply.problem : 'the answer could not be checked against the schema in time';
  }

  /** Ends the thread; a later check starts another one. */
  async onApplicationShutdown(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.isReady = false;
    await worker?.terminate();
  }

  private askForAnswer(request: CheckRequest, tenant: string): Promise<CheckReply | undefined> {
    return new Promise((resolve) => {
      this.answers.add({ tenant, request, resolve, onTaken: () => undefined });
      this.next();
    });
  }

  private askForSchema(request: CheckRequest, { tenant, signal }: SchemaClient): Promise<CheckReply | undefined> {
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown): void => {
        this.schemas.remove(job);
        job.onTaken();
        reject(reason);
        this.next();
      };
      const onAbort = (): void => leave(signal?.reason);
      const timer = setTimeout(() => leave(waitedTooLong()), MAX_WAIT_MS);
      const onTaken = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const job: Job = { tenant, request, resolve, onTaken };
      signal?.addEventListener('abort', onAbort);
      this.schemas.add(job);
      this.next();
    });
  }

  private next(): void {
    if (this.running) return;
    if (this.answers.length + this.schemas.length === 0) {
      // An idle thread must not keep the process alive; a busy one must.
      this.worker?.unref();
      return;
    }
    this.worker ??= this.start();
    this.worker.ref();
    // The start does not count towards the deadline; `ready` calls this again.
    const job = this.isReady ? this.take() : undefined;
    if (!job) return;
    this.running = { job, timer: setTimeout(() => this.giveUp(), this.deadlineMs) };
    this.worker.postMessage(job.request);
  }

  /** Takes the next job from its queue. */
  private take(): Job | undefined {
    for (const line of [this.answers, this.schemas]) {
      const [job] = line.heads();
      if (!job) continue;
      line.serve(job);
      job.onTaken();
      return job;
    }
    return undefined;
  }

  private accept(reply: CheckReply | 'ready'): void {
    if (reply !== 'ready') return this.finish(reply);
    this.isReady = true;
    this.next();
  }

  private finish(reply: CheckReply | undefined): void {
    const { running } = this;
    this.running = undefined;
    clearTimeout(running?.timer);
    running?.job.resolve(reply);
    this.next();
  }

  /** Ends the thread during its work; the next check starts another one. */
  private giveUp(): void {
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    // Otherwise a thread that cannot start would be restarted forever.
    if (!this.isReady) for (let job = this.take(); job; job = this.take()) job.resolve(undefined);
    this.finish(undefined);
  }

  private start(): Worker {
    this.isReady = false;
    const worker = this.startThread();
    const ifCurrent = (act: () => void) => (): void => {
      if (this.worker === worker) act();
    };
    worker.on('message', (reply: CheckReply | 'ready') => ifCurrent(() => this.accept(reply))());
    // It ran out of memory, or failed unexpectedly.
    worker.on(
      'error',
      ifCurrent(() => this.giveUp()),
    );
    worker.on(
      'exit',
      ifCurrent(() => this.giveUp()),
    );
    return worker;
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./schema-checker.worker.js', import.meta.url), {
    // It needs none of the service's environment or arguments.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES, stackSizeMb: 16 },
  });
}

function tooManyWait(): GatewayError {
  return new GatewayError(429, 'Too many schemas wait to be prepared. Please try again.', {
    code: 'queue_full',
    retryAfterSeconds: 1,
  });
}

function waitedTooLong(): GatewayError {
  return new GatewayError(503, 'The schema could not be prepared in time. Please try again.', {
    code: 'queue_timeout',
    retryAfterSeconds: 1,
  });
}
