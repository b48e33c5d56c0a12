import { once } from 'node:events';
import type { Gateway } from './gateway.ts';
import { waitFor } from './wait-for.ts';

/** The option of Node.js with which a service can be asked for its heap. */
export const INSPECTED = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** A collection can leave what only the next one finds to be dead. */
const MAX_COLLECTIONS = 6;
const SETTLED_BYTES = 4096;

/**
 * The bytes that data takes, buffers included. What V8 compiles, ever more as a program warms up, stands in the other spaces
 * (code, trusted).
 */
const DATA_BYTES = `
  process.getBuiltinModule('node:v8').getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !/code|trusted|read_only/.test(name))
    .reduce((sum, { space_used_size: used }) => sum + used, process.memoryUsage().arrayBuffers)`;

/** What is live in the heap of a service that was started with INSPECTED: the bytes of its data after a collection. */
export async function liveHeapBytes(gateway: Gateway): Promise<number> {
  const inspector = await Inspector.connect(await inspectorUrl(gateway));
  try {
    let live = Number.POSITIVE_INFINITY;
    for (let round = 0; round < MAX_COLLECTIONS; round += 1) {
      await inspector.call('HeapProfiler.collectGarbage');
      const { result } = (await inspector.call('Runtime.evaluate', { expression: DATA_BYTES })) as Evaluation;
      const before = live;
      live = Math.min(live, result.value);
      if (before - live < SETTLED_BYTES) break;
    }
    return live;
  } finally {
    inspector.close();
  }
}

async function inspectorUrl(gateway: Gateway): Promise<string> {
  const find = (): string | undefined => /Debugger listening on (ws:\S+)/.exec(gateway.output)?.[1];
  await waitFor('the inspector', () => find() !== undefined);
  return find() ?? '';
}

interface Evaluation {
  readonly result: { readonly value: number };
}

/** The Chrome DevTools Protocol, as far as it is needed here. */
class Inspector {
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {}

  static async connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** One call at a time. */
  async call(method: string, params: object = {}): Promise<unknown> {
    this.lastId += 1;
    this.socket.send(JSON.stringify({ id: this.lastId, method, params }));
    const [{ data }] = (await once(this.socket, 'message')) as [{ data: string }];
    const { error, result } = JSON.parse(data) as { error?: { message: string }; result?: unknown };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  close(): void {
    this.socket.close();
  }
}
