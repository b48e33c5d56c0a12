import { Worker } from 'node:worker_threads';

/** Has the log of a database written into its file, on a thread of its own. */
export class Checkpointer {
  private worker: Worker | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly file: string,
    private readonly timeoutMs: number,
  ) {}

  get isBusy(): boolean {
    return this.waiting.length > 0;
  }

  /**
   * Resolves when it is done, or when the thread has ended over it: SQLite works on with a log that grows, and the next
   * call begins another one.
   *
   * @param empties whether nothing may stay in the log; writers then wait for a moment
   */
  run(empties: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.worker ??= this.start();
      this.worker.postMessage(empties ? 'TRUNCATE' : 'PASSIVE', []);
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    // Named as it is compiled: this is not an import.
    const program = new URL('./checkpoint-worker.js', import.meta.url);
    const { file, timeoutMs } = this;
    const worker = new Worker(program, { workerData: { file, timeoutMs }, execArgv: [] });
    worker.unref();
    worker.on('message', () => this.waiting.shift()?.());
    worker.on('error', () => this.forget(worker));
    worker.on('exit', () => this.forget(worker));
    return worker;
  }

  private forget(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
