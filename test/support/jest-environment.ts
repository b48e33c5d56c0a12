// The environment of a file of tests: Node's, but as fast and with as few realms as a process of its own, and what a file leaves
// open fails it.
import { StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** How long a file may take to close what it has opened. */
const GRACE_MS = 30_000;
const POLL_MS = 20;

const ERRORS = [
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const;
const allRows = Reflect.get(StatementSync.prototype, 'all') as (this: StatementSync, ...values: unknown[]) => unknown[];

export default class ProjectEnvironment extends TestEnvironment {
  private openBefore: ReadonlyMap<string, number> = new Map();
  private readonly onUncaughtBefore = process.listeners('uncaughtException');
  private hasFailed = false;
  private readonly errors: unknown[] = [];
  private readonly onError = (error: unknown): void => void this.errors.push(error);

  constructor(...parameters: ConstructorParameters<typeof TestEnvironment>) {
    const { createContext } = vm;
    // jest makes a context whose every access to a global calls a proxy, which makes `Math.max` ten times as slow.
    Object.assign(vm, { createContext: () => createContext(vm.constants.DONT_CONTEXTIFY) });
    try {
      super(...parameters);
    } finally {
      Object.assign(vm, { createContext });
    }
    this.shareErrors();
    this.ownPrototypes();
  }

  override async setup(): Promise<void> {
    await super.setup();
    // While tests run, jest gives an error that nothing has caught to the test. After them it would end the worker and run the file
    // again, which hides the error.
    process.removeAllListeners('uncaughtException').on('uncaughtException', this.onError);
    process.on('unhandledRejection', this.onError);
    openStandardStreams();
    this.openBefore = openResources();
  }

  /** jest calls it for each step of a file. */
  handleTestEvent({ name }: { readonly name: string }): void {
    if (name === 'test_fn_failure' || name === 'hook_failure') this.hasFailed = true;
  }

  override async teardown(): Promise<void> {
    // A test that fails leaves its things open; its own failure is what matters.
    const left = this.hasFailed ? [] : await this.leftOpen();
    process.off('unhandledRejection', this.onError).off('uncaughtException', this.onError);
    for (const listener of this.onUncaughtBefore) process.on('uncaughtException', listener);
    // What a file does at the end of its process: the service that a failed test has left is killed.
    this.global.process.emit('exit', 0);
    await super.teardown();
    if (this.errors.length > 0) throw this.errors[0];
    if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`);
  }

  /** What keeps the process alive and did not before this file, once it has had the time to close. */
  private async leftOpen(): Promise<string[]> {
    const deadline = performance.now() + GRACE_MS;
    for (;;) {
      const left = [...openResources()].filter(([type, count]) => count > (this.openBefore.get(type) ?? 0));
      if (left.length === 0 || performance.now() > deadline) return left.map(([type]) => type);
      await delay(POLL_MS);
    }
  }

  /** Node's own modules throw errors of the main realm. They are instances of what the tests call `Error`, and vice versa. */
  private shareErrors(): void {
    for (const name of ERRORS) {
      const own = this.global[name];
      const shared = globalThis[name];
      Object.setPrototypeOf(own.prototype, shared.prototype);
      own.prototype.constructor = shared;
      Object.assign(this.global, { [name]: shared });
    }
  }

  /** JSON of `fetch` and rows of SQLite have the prototypes that literals of the tests have. */
  private ownPrototypes(): void {
    const { Array: array, JSON: json } = this.global;
    Object.assign(Response.prototype, {
      async json(this: Response): Promise<unknown> {
        return json.parse(await this.text());
      },
    });
    Object.assign(StatementSync.prototype, {
      all(this: StatementSync, ...values: unknown[]): unknown[] {
        return array.from(allRows.apply(this, values));
      },
    });
  }
}

/** A process opens its standard streams when they are first read, and never closes them. */
function openStandardStreams(): void {
  for (const name of ['stdin', 'stdout', 'stderr'] as const) void process[name];
}

function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
