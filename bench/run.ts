// Compares, interleaved in one run, on the same CLI and the same scripted API: the bare warm CLI, this service in front of it,
// and one process per request. Prints a table and writes bench/results/latest.json. How to read it: docs/benchmark.md.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { residentBytes } from '../test/support/processes.ts';
import { Gateway } from '../test/support/gateway.ts';
import { lastText, text } from '../test/support/scripted-messages-api.ts';
import { askNewProcess, askService, BareCli, KEY, type Message, type Timing } from './contestants.ts';
import { cpuSecondsOf, cpuSecondsOfEndedChildren } from './cpu-time.ts';
import { percentile, summarize, type Summary } from './statistics.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6);
const PER_ROUND = Number(process.env['BENCH_REQUESTS'] ?? 25);
const ONE_SHOTS_PER_ROUND = 2;
const CONCURRENCIES = [1, 4, 16];
const PROCESSES = 4;
/** A process answers sooner the more turns it has had: all begin with so many, the bare one too. */
const WARM_UP_TURNS = 300;
/** Before each first token, so that what follows an answer is not measured with the next one, of whomever it is. */
const REST_MS = 25;

// With everything on that stands in the way of a request: a key with limits, those of the service, CORS, the cache, the log.
const gateway = await Gateway.start({
  settings: {
    AUTH__KEYS: JSON.stringify([
      {
        name: 'bench',
        sha256: sha256(KEY),
        requests_per_minute: 1e6,
        tokens_per_minute: 1e9,
        max_simultaneous: 64,
        daily_cost_usd: 1e6,
      },
    ]),
    LIMITS__REQUESTS_PER_MINUTE: '1000000',
    LIMITS__DAILY_COST_USD: '1000000',
    CORS__ENABLED: 'true',
    CORS__ALLOWED_ORIGINS: '["https://app.example"]',
    CACHE__ENABLED: 'true',
    CLAUDE__MAX_CONCURRENT_SESSIONS: String(PROCESSES),
    PROCESS_POOL__SIZE: String(PROCESSES),
    PROCESS_POOL__MAX_IDLE: String(PROCESSES),
  },
});
const { api, directory } = gateway;
api.respond(({ body }) => text(`You said: ${lastText(body)}`));
const bare = new BareCli(api.url, directory);
await bare.initialize();

const results: Record<string, unknown> = { date: new Date().toISOString(), node: process.version };
const table: string[][] = [];
const row = (...cells: string[]): void => void table.push(cells);
const show = (summary: Summary): string =>
  `${summary.p50.toFixed(1)} / ${summary.p95.toFixed(1)} (${summary.lowestRound.toFixed(1)}-${summary.highestRound.toFixed(1)})`;

function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Distinct texts, so that nothing but the process is reused. */
let asked = 0;
const question = (): string => `question ${asked++}`;

async function askBare(): Promise<Timing> {
  const timing = await bare.ask(question());
  await bare.rewind(1);
  return timing;
}
const askGateway = (): Promise<Timing> => askService(gateway.url, [{ role: 'user', content: question() }]);

async function rested<T>(ask: () => Promise<T>): Promise<T> {
  await setTimeout(REST_MS);
  return ask();
}

async function warmUp(): Promise<void> {
  for (let index = 0; index < WARM_UP_TURNS; index += 1) await askBare();
  for (let index = 0; index < WARM_UP_TURNS; index += 1)
    await Promise.all(Array.from({ length: PROCESSES }, askGateway));
}

async function measureFirstToken(): Promise<void> {
  const rounds = { bare: [] as Timing[][], service: [] as Timing[][], oneShot: [] as Timing[][] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bareRound: Timing[] = [];
    const serviceRound: Timing[] = [];
    for (let index = 0; index < PER_ROUND; index += 1) {
      bareRound.push(await rested(askBare));
      serviceRound.push(await rested(askGateway));
    }
    const oneShotRound: Timing[] = [];
    for (let index = 0; index < ONE_SHOTS_PER_ROUND; index += 1)
      oneShotRound.push(await askNewProcess(api.url, directory, question()));
    rounds.bare.push(bareRound);
    rounds.service.push(serviceRound);
    rounds.oneShot.push(oneShotRound);
  }
  const figures = Object.fromEntries(
    Object.entries(rounds).map(([name, timings]) => [
      name,
      {
        firstMs: summarize(timings.map((round) => round.map(({ firstMs }) => firstMs))),
        totalMs: summarize(timings.map((round) => round.map(({ totalMs }) => totalMs))),
      },
    ]),
  ) as Record<keyof typeof rounds, { firstMs: Summary; totalMs: Summary }>;
  const pairs = rounds.service
    .flat()
    .map(({ firstMs }, index) => firstMs - (rounds.bare.flat()[index]?.firstMs ?? Number.NaN));
  const addedMs = percentile(pairs, 0.5);
  const timesSooner = figures.oneShot.firstMs.p50 / figures.service.firstMs.p50;
  results['firstToken'] = { ...figures, addedMs, timesSooner };
  row(
    'first token, ms: p50 / p95 (rounds)',
    show(figures.bare.firstMs),
    show(figures.service.firstMs),
    show(figures.oneShot.firstMs),
  );
  row(
    'total, ms: p50 / p95 (rounds)',
    show(figures.bare.totalMs),
    show(figures.service.totalMs),
    show(figures.oneShot.totalMs),
  );
  row('added first token, ms: p50 of pairs', '', addedMs.toFixed(1), '');
  row('first token sooner than a process per request', '', `${timesSooner.toFixed(1)} x`, '');
}

async function atConcurrency(concurrency: number, count: number, ask: () => Promise<unknown>): Promise<number> {
  let left = count;
  const began = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await ask();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return count / ((performance.now() - began) / 1000);
}

async function measureThroughput(): Promise<void> {
  for (const concurrency of CONCURRENCIES) {
    const cpuBefore = gatewayCpuSeconds();
    const requests = 40 * Math.min(4, concurrency) + 40;
    const service = await atConcurrency(concurrency, requests, askGateway);
    const serviceCpu = (gatewayCpuSeconds() - cpuBefore) / requests;
    const childrenBefore = cpuSecondsOfEndedChildren();
    const shots = Math.max(4, Math.min(16, concurrency));
    const oneShot = await atConcurrency(concurrency, shots, () => askNewProcess(api.url, directory, question()));
    const oneShotCpu = (cpuSecondsOfEndedChildren() - childrenBefore) / shots;
    results[`concurrency${concurrency}`] = { service, oneShot, times: service / oneShot, serviceCpu, oneShotCpu };
    row(
      `requests per second, ${concurrency} at once`,
      '',
      `${service.toFixed(1)} (${(service / oneShot).toFixed(1)} x)`,
      oneShot.toFixed(2),
    );
    row(
      `CPU ms per request, ${concurrency} at once`,
      '',
      (serviceCpu * 1000).toFixed(1),
      (oneShotCpu * 1000).toFixed(0),
    );
  }
}

function gatewayCpuSeconds(): number {
  return [gateway.pid, ...gateway.cliPids].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}

async function measureBytes(): Promise<void> {
  const bytes: string[] = [];
  for (const ask of [
    () => bare.ask('first').then(() => bare.rewind(1)),
    () => askService(gateway.url, [{ role: 'user', content: 'first' }]),
    () => askNewProcess(api.url, directory, 'first'),
  ]) {
    api.reset();
    await ask();
    bytes.push(String(api.requests.reduce((sum, { raw }) => sum + Buffer.byteLength(raw), 0)));
  }
  results['requestBytes'] = bytes;
  row('bytes to the Messages API for "first"', ...bytes);
}

function history(label: string): Message[] {
  return Array.from({ length: 40 }, (_value, index) => ({
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `${label} message ${index} with some words in it`,
  }));
}

async function measureFollowUps(): Promise<void> {
  const timings = { bare: [] as number[], live: [] as number[], rewound: [] as number[], replayed: [] as number[] };
  for (let round = 0; round < ROUNDS * 2; round += 1) {
    const label = `conversation ${round}`;
    const messages: Message[] = [...history(label), { role: 'user', content: 'and then?' }];
    await bare.append(history(label));
    await bare.ask('and then?');
    timings.bare.push((await rested(() => bare.ask('and now?'))).firstMs);
    await bare.rewind(22);
    timings.replayed.push((await rested(() => askService(gateway.url, messages))).firstMs);
    const followUp: Message[] = [
      ...messages,
      { role: 'assistant', content: 'You said: and then?' },
      { role: 'user', content: 'and now?' },
    ];
    const otherwise: Message[] = [...messages.slice(0, -1), { role: 'user', content: 'or else?' }];
    timings.live.push((await rested(() => askService(gateway.url, followUp))).firstMs);
    timings.rewound.push((await rested(() => askService(gateway.url, otherwise))).firstMs);
  }
  const medians = Object.fromEntries(
    Object.entries(timings).map(([name, figures]) => [name, percentile(figures, 0.5)]),
  );
  const addedMs = percentile(
    timings.live.map((figure, index) => figure - (timings.bare[index] ?? Number.NaN)),
    0.5,
  );
  results['followUp'] = { ...medians, addedMs };
  const cell = (name: string): string => (medians[name] ?? Number.NaN).toFixed(1);
  row(
    'follow-up of 40 messages, first token ms',
    cell('bare'),
    `${cell('live')} live, ${cell('rewound')} rewound, ${cell('replayed')} replayed`,
    '',
  );
  row('added by the service to a live follow-up, ms', '', addedMs.toFixed(1), '');
}

/** Asks on behind 18 messages, that the service has stored, and that the bare CLI holds. */
async function measureFollowUpsById(): Promise<void> {
  const timings = { bare: [] as number[], byId: [] as number[] };
  for (let round = 0; round < ROUNDS * 3; round += 1) {
    const began = history(`stored ${round}`).slice(0, 16);
    const messages: Message[] = [...began, { role: 'user', content: 'and then?' }];
    await bare.append(began);
    await bare.ask('and then?');
    const { conversationId } = await askService(gateway.url, messages);
    timings.bare.push((await rested(() => bare.ask('and now?'))).firstMs);
    await bare.rewind(10);
    const followUp: Message[] = [{ role: 'user', content: 'and now?' }];
    timings.byId.push((await rested(() => askService(gateway.url, followUp, conversationId))).firstMs);
  }
  const [bareMs, byIdMs] = [percentile(timings.bare, 0.5), percentile(timings.byId, 0.5)];
  const pairs = timings.byId.map((figure, index) => figure - (timings.bare[index] ?? Number.NaN));
  const addedMs = percentile(pairs, 0.5);
  results['followUpById'] = { bareMs, byIdMs, addedMs };
  row('follow-up by conversation id, first token ms', bareMs.toFixed(1), byIdMs.toFixed(1), '');
  row('added by the service to a follow-up by id, ms', '', addedMs.toFixed(1), '');
}

function measureMemory(): void {
  const megabytes = (pid: number): number => Math.round((residentBytes(pid) ?? 0) / 1024 / 1024);
  const processes = gateway.cliPids.map(megabytes);
  results['residentMegabytes'] = { service: megabytes(gateway.pid), bare: megabytes(bare.pid), processes };
  row(
    'resident memory, MB',
    String(megabytes(bare.pid)),
    `${megabytes(gateway.pid)} + CLI ${processes.join(', ')}`,
    '',
  );
}

await warmUp();
await measureFirstToken();
await measureThroughput();
await measureBytes();
await measureFollowUps();
await measureFollowUpsById();
measureMemory();
await bare.end();
await gateway.stop();

const header = ['', 'bare warm CLI', 'this service', 'a process per request'];
const widths = header.map((title, column) =>
  Math.max(title.length, ...table.map((cells) => cells[column]?.length ?? 0)),
);
for (const cells of [header, ...table]) {
  process.stdout.write(`${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}\n`);
}
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/latest.json', `${JSON.stringify(results, null, 2)}\n`);
