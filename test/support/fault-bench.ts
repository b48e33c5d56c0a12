import assert from 'node:assert/strict';
import { assertOutcomes, BackgroundLoad, echo, type Outcomes } from './background-load.ts';
import { ask, Gateway, type GatewayOptions } from './gateway.ts';
import { call } from './http-call.ts';
import { childrenOf, isRunning, openDescriptors, timesOpen } from './processes.ts';
import { waitFor } from './wait-for.ts';

/** How often each fault is made; more in a long run. */
export const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 1);

const PROCESSES = 3;
/** Its pipes. */
const DESCRIPTORS_OF_A_PROCESS = 3;
const RECOVERY_TIMEOUT_MS = 60_000;

/** A service with three processes that faults happen to, and what it has open when nothing does. */
export class FaultBench {
  private baseline = 0;
  private readonly everStarted = new Set<number>();

  private constructor(readonly gateway: Gateway) {}

  static async start({ settings, ...options }: GatewayOptions = {}): Promise<FaultBench> {
    const gateway = await Gateway.start({
      ...options,
      settings: {
        CLAUDE__MAX_CONCURRENT_SESSIONS: String(PROCESSES),
        PROCESS_POOL__SIZE: String(PROCESSES),
        PROCESS_POOL__MAX_IDLE: String(PROCESSES),
        PROCESS_POOL__MIN_IDLE: '1',
        CLAUDE__MAX_RETRIES: '1',
        // Connections that clients keep for later are counted too, until they are closed for nothing being asked on them.
        SERVER__IDLE_CONNECTION_SECONDS: '5',
        ...settings,
      },
    });
    gateway.api.respond(echo);
    const bench = new FaultBench(gateway);
    await bench.openEverything();
    await bench.serveFully();
    bench.baseline = bench.ownDescriptors;
    return bench;
  }

  /** Makes a fault while requests go on, and asserts that these end well or in one of the documented ways. */
  async underLoad(fault: (load: BackgroundLoad) => Promise<void>, ...documented: string[]): Promise<Outcomes> {
    const load = new BackgroundLoad(this.gateway);
    await waitFor('the load', () => load.answered > 3);
    try {
      await fault(load);
    } finally {
      await load.stop();
    }
    const outcomes = await load.stop();
    assertOutcomes(outcomes, ...documented);
    return outcomes;
  }

  /** Kills every CLI process, so that new ones have to be started. */
  killProcesses(): void {
    for (const pid of this.gateway.cliPids) {
      this.everStarted.add(pid);
      process.kill(pid, 'SIGKILL');
    }
  }

  /** Asserts that every process serves again, and that nothing is open that was not before. */
  async assertRecovered(): Promise<void> {
    this.gateway.api.respond(echo);
    await this.serveFully();
    await waitFor('readiness', async () => (await call(this.gateway, '/health/ready')).status === 200);
    const open = (): number => this.ownDescriptors - this.baseline;
    await waitFor('every descriptor to be closed', () => open() <= 0).catch((error: unknown) =>
      assert.fail(`${open()} descriptors more than before: ${String(error)}`),
    );
    assert.ok(this.gateway.cliPids.length <= PROCESSES);
  }

  /** Ends the service and asserts that nothing is left of it. */
  async stop(): Promise<void> {
    for (const pid of this.gateway.cliPids) this.everStarted.add(pid);
    assert.equal(await this.gateway.stop(), 0);
    await waitFor('the end of every process', () => ![...this.everStarted].some(isRunning), 3000);
    assert.deepEqual(childrenOf(this.gateway.pid), []);
  }

  /** Has the service open what it opens once, when it is first needed: for the thread that empties the log of the storage. */
  private async openEverything(): Promise<void> {
    const body = JSON.stringify({ items: [{ role: 'user', content: 'to be deleted' }] });
    const { status, text } = await call(this.gateway, '/v1/conversations', { body });
    // Where nothing can be stored there is no such thread.
    if (status !== 200) return;
    const { id } = JSON.parse(text) as { id: string };
    await call(this.gateway, `/v1/conversations/${id}`, { method: 'DELETE' });
    await waitFor('that thread', () => timesOpen(this.gateway.pid, '/conversations.db') > 1);
  }

  /** Resolves once as many requests as there are processes are answered at once, each with its own words. */
  private async serveFully(): Promise<void> {
    await waitFor('full service', () => this.servesAll(), RECOVERY_TIMEOUT_MS);
    await waitFor('rest', () => this.rests());
    for (const pid of this.gateway.cliPids) this.everStarted.add(pid);
  }

  private async servesAll(): Promise<boolean> {
    const requests = Array.from({ length: PROCESSES }, async (_, index) => {
      const words = `recovered ${index} ${Math.random()}`;
      const body = JSON.stringify(ask(words));
      const answer = await call(this.gateway, '/v1/chat/completions', { body }).catch(() => undefined);
      return answer?.status === 200 && answer.text.includes(`echo of ${words}.`);
    });
    return (await Promise.all(requests)).every(Boolean);
  }

  private async rests(): Promise<boolean> {
    const { text } = await call(this.gateway, '/health');
    const { processes, queued } = (
      JSON.parse(text) as {
        details: { cli: { queued: number; processes: { busy: number; starting: number; settling: number } } };
      }
    ).details.cli;
    return queued + processes.busy + processes.starting + processes.settling === 0;
  }

  /** What the service has open beside the pipes of its processes. */
  private get ownDescriptors(): number {
    return openDescriptors(this.gateway.pid) - this.gateway.cliPids.length * DESCRIPTORS_OF_A_PROCESS;
  }
}
