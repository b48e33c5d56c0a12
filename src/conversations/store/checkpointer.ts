import { Worker } from 'node:worker_threads';

/** Has the log of a database written into its file, on a thread of its own. */
export class Checkpointer {
  private readonly worker: Worker;
  private readonly waiting: (() => void)[] = [];

  constructor(file: string, timeoutMs: number) {
    // Named as it is compiled: this is not an import.
    const program = new URL('./checkpoint-worker.js', import.meta.url);
    this.worker = new Worker(program, { workerData: { file, timeoutMs }, execArgv: [] });
    this.worker.unref();
    this.worker.on('message', () => this.waiting.shift()?.());
    // It is not missed: SQLite works on with a log that grows.
    this.worker.on('error', () => this.settle());
    this.worker.on('exit', () => this.settle());
  }

  get isBusy(): boolean {
    return this.waiting.length > 0;
  }

  /** @param empties whether nothing may stay in the log; writers then wait for a moment */
  run(empties: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.worker.postMessage(empties ? 'TRUNCATE' : 'PASSIVE', []);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
