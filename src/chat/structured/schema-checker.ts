import { Worker } from 'node:worker_threads';
import type { Schema } from './subschemas.ts';

/** What the thread is asked: whether a schema can be used, and whether JSON is valid against it. */
export interface CheckRequest {
  /** As JSON. */
  readonly schema: string;
  readonly json?: string;
}

export type CheckReply =
  | { readonly isUsable: false }
  | {
      readonly isUsable: true;
      /** What is wrong with the JSON, in words that a model can act on. */
      readonly problem?: string | undefined;
    };

interface Job {
  readonly request: CheckRequest;
  readonly resolve: (reply: CheckReply | undefined) => void;
}

/** A schema that no validator can be made of. */
export class UnusableSchemaError extends Error {}

const DEFAULT_DEADLINE_MS = 5_000;
const MAX_HEAP_MEGABYTES = 256;

/**
 * Checks JSON against clients' schemas, on a thread of its own: a pattern or references that take for ever end that
 * thread and nothing else. It is started with the first schema; one check runs at a time.
 */
export class SchemaChecker {
  private worker: Worker | undefined;
  private isReady = false;
  private readonly waiting: Job[] = [];
  private running: { job: Job; timer: NodeJS.Timeout } | undefined;

  /** @param deadlineMs what one check may take */
  constructor(private readonly deadlineMs = DEFAULT_DEADLINE_MS) {}

  /** Resolves when a schema of draft 2020-12 can be used; rejects with UnusableSchemaError. */
  async prepare(schema: Schema): Promise<void> {
    const reply = await this.ask({ schema: JSON.stringify(schema) });
    if (!reply) throw new UnusableSchemaError('it takes too long to prepare');
    if (!reply.isUsable) throw new UnusableSchemaError('it cannot be compiled');
  }

  /** What is wrong with JSON; undefined when it is valid against the schema. */
  async check(schema: Schema, json: string): Promise<string | undefined> {
    const reply = await this.ask({ schema: JSON.stringify(schema), json });
    return reply?.isUsable ? reply.problem : 'the answer could not be checked against the schema in time';
  }

  private ask(request: CheckRequest): Promise<CheckReply | undefined> {
    return new Promise((resolve) => {
      this.waiting.push({ request, resolve });
      this.next();
    });
  }

  private next(): void {
    if (this.running) return;
    if (this.waiting.length === 0) {
      // An idle thread must not keep the process alive, one that is waited for must.
      this.worker?.unref();
      return;
    }
    this.worker ??= this.start();
    this.worker.ref();
    // Its start does not count; it calls again when it is ready.
    const job = this.isReady ? this.waiting.shift() : undefined;
    if (!job) return;
    this.running = { job, timer: setTimeout(() => this.giveUp(), this.deadlineMs) };
    this.worker.postMessage(job.request);
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

  /** Ends the thread in the middle of its work; the next check has a new one. */
  private giveUp(): void {
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    // A thread that does not even start would be started for ever.
    if (!this.isReady) for (const job of this.waiting.splice(0)) job.resolve(undefined);
    this.finish(undefined);
  }

  private start(): Worker {
    this.isReady = false;
    const worker = new Worker(new URL('./schema-checker.worker.js', import.meta.url), {
      // It needs nothing of what the service was started with.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES, stackSizeMb: 16 },
    });
    const ifCurrent = (act: () => void) => (): void => {
      if (this.worker === worker) act();
    };
    worker.on('message', (reply: CheckReply | 'ready') => ifCurrent(() => this.accept(reply))());
    // It has run out of memory, or failed in a way that was not foreseen.
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
