// Compares, interleaved in one run, on the same CLI and the same scripted API: the bare warm CLI, this service in front of it
// with and without an API key, and one process per request. Prints a table and writes bench/results/latest.json. How to read it: docs/benchmark.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { residentBytes } from '../test/support/processes.ts';
import type { Gateway } from '../test/support/gateway.ts';
import { askNewProcess, askService, BareCli, type Message, type Timing } from './contestants.ts';
import { cpuSecondsOf, cpuSecondsOfEndedChildren } from './cpu-time.ts';
import { startApi, startService } from './services.ts';
import { percentile, summarize, type Summary } from './statistics.ts';
import { Table } from './table.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 6);
const PER_ROUND = Number(process.env['BENCH_REQUESTS'] ?? 25);
const ONE_SHOTS_PER_ROUND = 2;
/** The first requests of a fresh service, one after the other. */
const FIRST_REQUESTS = 50;
const FRESH_SERVICES = 5;
const CONCURRENCIES = [1, 4, 16];
const PROCESSES = 4;
const LONG_HISTORY = 400;
/** A process answers sooner the more turns it has had: all begin with so many, the bare one too. */
const WARM_UP_TURNS = 300;
/** Before each first token, so that what follows an answer is not measured with the next one, of whomever it is. */
const REST_MS = 25;

const api = await startApi();
const results: Record<string, unknown> = { date: new Date().toISOString(), node: process.version };
const table = new Table(['', 'bare warm CLI', 'this service', 'without an API key', 'a process per request']);
const show = (summary: Summary): string =>
  `${summary.p50.toFixed(1)} / ${summary.p95.toFixed(1)} (${summary.lowestRound.toFixed(1)}-${summary.highestRound.toFixed(1)})`;

/** Distinct texts, so that nothing but the process is reused. */
let asked = 0;
const question = (): string => `question ${asked++}`;

const askAt = (service: Gateway): Promise<Timing> => askService(service.url, [{ role: 'user', content: question() }]);

async function rested<T>(ask: () => Promise<T>): Promise<T> {
  await setTimeout(REST_MS);
  return ask();
}

await measureFirstRequests();
const gateway = await startService(api, PROCESSES);
const { directory } = gateway;
const withoutApiKey = await startService(api, PROCESSES, {
  ANTHROPIC_API_KEY: undefined,
  CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-bench',
});
const bare = new BareCli(api.url, directory);
await bare.initialize();
const askGateway = (): Promise<Timing> => askAt(gateway);

async function askBare(): Promise<Timing> {
  const timing = await bare.ask(question());
  await bare.rewind(1);
  return timing;
}
/** What the first clients of a service notice: of several that are started for it, one after the other. */
async function measureFirstRequests(): Promise<void> {
  const services: { p50: number; p95: number }[] = [];
  for (let count = 0; count < FRESH_SERVICES; count += 1) {
    const fresh = await startService(api, PROCESSES);
    const firstMs: number[] = [];
    for (let index = 0; index < FIRST_REQUESTS; index += 1) firstMs.push((await rested(() => askAt(fresh))).firstMs);
    await fresh.stop();
    services.push({ p50: percentile(firstMs, 0.5), p95: percentile(firstMs, 0.95) });
  }
  results['firstRequests'] = services;
  table.row(
    `first ${FIRST_REQUESTS} requests of ${FRESH_SERVICES} fresh services, first token ms: p50 / p95`,
    '',
    services.map(({ p50, p95 }) => `${p50.toFixed(1)} / ${p95.toFixed(1)}`).join(', '),
  );
}

async function warmUp(): Promise<void> {
  for (let index = 0; index < WARM_UP_TURNS; index += 1) await askBare();
  for (let index = 0; index < WARM_UP_TURNS; index += 1)
    await Promise.all(Array.from({ length: PROCESSES }, askGateway));
  for (let index = 0; index < WARM_UP_TURNS; index += 1)
    await Promise.all(Array.from({ length: PROCESSES }, () => askAt(withoutApiKey)));
}

async function measureFirstToken(): Promise<void> {
  const rounds = {
    bare: [] as Timing[][],
    service: [] as Timing[][],
    withoutApiKey: [] as Timing[][],
    oneShot: [] as Timing[][],
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bareRound: Timing[] = [];
    const serviceRound: Timing[] = [];
    const withoutApiKeyRound: Timing[] = [];
    for (let index = 0; index < PER_ROUND; index += 1) {
      bareRound.push(await rested(askBare));
      serviceRound.push(await rested(askGateway));
      withoutApiKeyRound.push(await rested(() => askAt(withoutApiKey)));
    }
    const oneShotRound: Timing[] = [];
    for (let index = 0; index < ONE_SHOTS_PER_ROUND; index += 1)
      oneShotRound.push(await askNewProcess(api.url, directory, question()));
    rounds.bare.push(bareRound);
    rounds.service.push(serviceRound);
    rounds.withoutApiKey.push(withoutApiKeyRound);
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
  const added = (timings: Timing[][]): number => {
    const bareMs = rounds.bare.flat().map(({ firstMs }) => firstMs);
    return percentile(
      timings.flat().map(({ firstMs }, index) => firstMs - (bareMs[index] ?? Number.NaN)),
      0.5,
    );
  };
  const addedMs = added(rounds.service);
  const addedWithoutApiKeyMs = added(rounds.withoutApiKey);
  const timesSooner = figures.oneShot.firstMs.p50 / figures.service.firstMs.p50;
  results['firstToken'] = { ...figures, addedMs, addedWithoutApiKeyMs, timesSooner };
  table.row(
    'first token, ms: p50 / p95 (rounds)',
    show(figures.bare.firstMs),
    show(figures.service.firstMs),
    show(figures.withoutApiKey.firstMs),
    show(figures.oneShot.firstMs),
  );
  table.row(
    'total, ms: p50 / p95 (rounds)',
    show(figures.bare.totalMs),
    show(figures.service.totalMs),
    show(figures.withoutApiKey.totalMs),
    show(figures.oneShot.totalMs),
  );
  table.row('added first token, ms: p50 of pairs', '', addedMs.toFixed(1), addedWithoutApiKeyMs.toFixed(1));
  table.row('first token sooner than a process per request', '', `${timesSooner.toFixed(1)} x`);
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
    table.row(
      `requests per second, ${concurrency} at once`,
      '',
      `${service.toFixed(1)} (${(service / oneShot).toFixed(1)} x)`,
      '',
      oneShot.toFixed(2),
    );
    table.row(
      `CPU ms per request, ${concurrency} at once`,
      '',
      (serviceCpu * 1000).toFixed(1),
      '',
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
    () => askService(withoutApiKey.url, [{ role: 'user', content: 'first' }]),
    () => askNewProcess(api.url, directory, 'first'),
  ]) {
    api.reset();
    await ask();
    bytes.push(String(api.requests.reduce((sum, { raw }) => sum + Buffer.byteLength(raw), 0)));
  }
  results['requestBytes'] = bytes;
  table.row('bytes to the Messages API for "first"', ...bytes);
}

function history(label: string, length = 40): Message[] {
  return Array.from({ length }, (_value, index) => ({
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    content: `${label} message ${index} with some words in it`,
  }));
}

async function measureFollowUps(): Promise<void> {
  const timings = {
    bare: [] as number[],
    live: [] as number[],
    rewound: [] as number[],
    replayed: [] as number[],
    replayedLong: [] as number[],
    liveWithoutApiKey: [] as number[],
    replayedWithoutApiKey: [] as number[],
  };
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
    timings.replayedWithoutApiKey.push((await rested(() => askService(withoutApiKey.url, messages))).firstMs);
    timings.liveWithoutApiKey.push((await rested(() => askService(withoutApiKey.url, followUp))).firstMs);
    const long: Message[] = [...history(`long ${label}`, LONG_HISTORY), { role: 'user', content: 'and then?' }];
    timings.replayedLong.push((await rested(() => askService(gateway.url, long))).firstMs);
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
  table.row(
    'follow-up of 40 messages, first token ms',
    cell('bare'),
    `${cell('live')} live, ${cell('rewound')} rewound, ${cell('replayed')} replayed`,
    `${cell('liveWithoutApiKey')} live, ${cell('replayedWithoutApiKey')} replayed`,
  );
  table.row(`follow-up of ${LONG_HISTORY} messages, first token ms`, '', `${cell('replayedLong')} replayed`);
  table.row('added by the service to a live follow-up, ms', '', addedMs.toFixed(1), '');
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
  table.row('follow-up by conversation id, first token ms', bareMs.toFixed(1), byIdMs.toFixed(1), '');
  table.row('added by the service to a follow-up by id, ms', '', addedMs.toFixed(1), '');
}

function measureMemory(): void {
  const megabytes = (pid: number): number => Math.round((residentBytes(pid) ?? 0) / 1024 / 1024);
  const processes = gateway.cliPids.map(megabytes);
  results['residentMegabytes'] = { service: megabytes(gateway.pid), bare: megabytes(bare.pid), processes };
  table.row(
    'resident memory, MB',
    String(megabytes(bare.pid)),
    `${megabytes(gateway.pid)} + CLI ${processes.join(', ')}`,
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
await withoutApiKey.stop();
await api.close();

process.stdout.write(String(table));
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/latest.json', `${JSON.stringify(results, null, 2)}\n`);
