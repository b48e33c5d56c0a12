// Measures the storage of conversations in one run: reading and appending with 1,000 and with 100,000 of them, the memory
// it takes, and how long the expiry of half of them holds anything up. Writes bench/results/conversations.json.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NewItem } from '../src/conversations/store/conversation-store.ts';
import { deleteExpired } from '../src/conversations/store/expiry.ts';
import { newConversationId } from '../src/conversations/store/ids.ts';
import { SqliteConversationStore } from '../src/conversations/store/sqlite-conversation-store.ts';
import { SqliteDatabase } from '../src/conversations/store/sqlite-database.ts';
import { residentBytes } from '../test/support/processes.ts';
import { pseudoRandom } from '../test/support/pseudo-random.ts';
import { percentile } from './statistics.ts';

const SMALL = 1_000;
const LARGE = Number(process.env['BENCH_CONVERSATIONS'] ?? 100_000);
const SAMPLES = 2_000;
const TENANTS = 10;
const TIMEOUT_MS = 30 * 60_000;

const directory = mkdtempSync(join(tmpdir(), 'conversations-bench-'));
const file = join(directory, 'conversations.db');
const database = new SqliteDatabase(file);
let now = Date.now();
const store = new SqliteConversationStore(database, { timeoutMs: TIMEOUT_MS, now: () => now });
const random = pseudoRandom(5);
/** Some of them, evenly: remembering all would be most of the memory. */
let known: { tenant: string; id: string }[] = [];
let count = 0;

const said = (role: 'user' | 'assistant', about: string): NewItem => ({
  kind: 'message',
  role,
  content: [{ type: 'text', text: `${about}: ${'some words of a conversation '.repeat(8)}` }],
});
const turn = (about: string): NewItem[] => [said('user', about), said('assistant', about)];

async function growTo(wanted: number): Promise<void> {
  const stride = Math.ceil(wanted / SMALL);
  known = known.filter((_conversation, index) => index % stride === 0);
  for (; count < wanted; count += 1) {
    const tenant = `tenant-${count % TENANTS}`;
    const id = newConversationId();
    await store.create(tenant, id, { items: [...turn(id), ...turn('more')] });
    if (count % stride === 0) known.push({ tenant, id });
    if (count % 500 === 0) await delay(0);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const anyone = (): { tenant: string; id: string } => known[Math.floor(random() * known.length)]!;

interface Figures {
  readonly count: number;
  readonly list: readonly [p50: number, p95: number];
  readonly get: readonly [p50: number, p95: number];
  readonly append: readonly [p50: number, p95: number];
  readonly residentMegabytes: number;
  readonly fileMegabytes: number;
}

/** Times in milliseconds. */
async function measure(): Promise<Figures> {
  const times = { list: [] as number[], get: [] as number[], append: [] as number[] };
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const { tenant, id } = anyone();
    times.list.push(await timed(() => store.list(tenant, { limit: 20, order: 'desc', after: id })));
    const { tenant: owner, id: other } = anyone();
    times.get.push(await timed(() => store.get(owner, other).then(() => store.history(owner, other, 0))));
    times.append.push(await timed(() => store.change(owner, other, { items: turn('and now') })));
  }
  collectGarbage();
  const summary = (all: readonly number[]): [number, number] => [percentile(all, 0.5), percentile(all, 0.95)];
  return {
    count,
    list: summary(times.list),
    get: summary(times.get),
    append: summary(times.append),
    residentMegabytes: (residentBytes(process.pid) ?? 0) / 1024 / 1024,
    fileMegabytes: statSync(file).size / 1024 / 1024,
  };
}

/** The gaps between the pieces of a stream that writes every 2 ms, in milliseconds. */
async function gapsWhile(work: Promise<unknown>): Promise<number[]> {
  const gaps: number[] = [];
  let isRunning = true;
  void work.finally(() => (isRunning = false));
  let last = performance.now();
  const isOn = (): boolean => isRunning;
  while (isOn()) {
    await delay(2);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps;
}

await growTo(SMALL);
await measure();
const small = await measure();
await growTo(LARGE);
const large = await measure();

// The second half is used again later, so that only the first one has expired.
now += TIMEOUT_MS;
database.transaction(() =>
  database.statement('UPDATE conversations SET updated_at = ? WHERE number > ?').run(now, LARGE / 2),
);
now += 1;
const idle = await gapsWhile(delay(1_000));
const began = performance.now();
let expired = 0;
const gaps = await gapsWhile(
  deleteExpired(store, database, new AbortController().signal).then((count) => (expired = count)),
);
const expiry = {
  expired,
  seconds: (performance.now() - began) / 1000,
  gap: [percentile(gaps, 0.5), percentile(gaps, 0.99), Math.max(...gaps)],
  idleGap: [percentile(idle, 0.5), percentile(idle, 0.99), Math.max(...idle)],
  fileMegabytes: statSync(file).size / 1024 / 1024,
};
await database.close();
rmSync(directory, { recursive: true, force: true });

const milliseconds = (figures: readonly number[]): string => figures.map((figure) => figure.toFixed(2)).join(' / ');
const write = (line: string): void => void process.stdout.write(`${line}\n`);
for (const figures of [small, large]) {
  write(`${figures.count} conversations`);
  for (const name of ['list', 'get', 'append'] as const)
    write(`  ${name.padEnd(7)} ms p50 / p95: ${milliseconds(figures[name])}`);
  write(`  resident ${figures.residentMegabytes.toFixed(0)} MB, file ${figures.fileMegabytes.toFixed(0)} MB`);
}
write(`expiry of ${expiry.expired}: ${expiry.seconds.toFixed(1)} s, file then ${expiry.fileMegabytes.toFixed(0)} MB`);
write(`  pieces of a stream that writes every 2 ms, gap p50 / p99 / longest: ${milliseconds(expiry.gap)} ms`);
write(`  the same while nothing happens: ${milliseconds(expiry.idleGap)} ms`);
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/conversations.json', `${JSON.stringify({ small, large, expiry }, null, 2)}\n`);
