// Compares, interleaved in one run and with the same client, answers from the response cache of the built service with those
// of a bare Nest route that takes the same body and answers with as many bytes. How to read it: docs/benchmark.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { Gateway } from '../test/support/gateway.ts';
import { text } from '../test/support/scripted-messages-api.ts';
import { cpuSecondsOf } from './cpu-time.ts';
import { percentile } from './statistics.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 20);
const PER_ROUND = Number(process.env['BENCH_REQUESTS'] ?? 1000);
const CONNECTIONS = 16;

const BODY = JSON.stringify({
  model: 'claude-haiku-4-5',
  messages: [
    { role: 'system', content: 'You answer in a few sentences. '.repeat(10) },
    { role: 'user', content: 'What is a response cache, and when is it of use? '.repeat(4) },
  ],
  temperature: 0.5,
  max_tokens: 500,
});
const STREAM_BODY = JSON.stringify({ ...(JSON.parse(BODY) as object), stream: true });
const ANSWER = 'A response cache gives again what was answered before. '.repeat(16);

interface Round {
  readonly perSecond: number;
  readonly cpuMs: number;
}

const gateway = await Gateway.start({ settings: { CACHE__ENABLED: 'true' } });
gateway.api.respond(text(ANSWER));
const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });

async function post(url: string, body: string): Promise<{ cache: unknown; raw: string }> {
  const headers = { 'content-type': 'application/json', 'authorization': 'Bearer none' }; // prettier-ignore
  const response = await request(`${url}/v1/chat/completions`, { method: 'POST', headers, body, dispatcher: agent });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  return { cache: response.headers['x-cache'], raw: await response.body.text() };
}

async function measure(url: string, pid: number, body: string, isCached: boolean): Promise<Round> {
  let left = PER_ROUND;
  const cpuBefore = cpuSecondsOf(pid);
  const began = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const { cache } = await post(url, body);
      if (isCached && cache !== 'hit') throw new Error(`x-cache: ${String(cache)}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: PER_ROUND / seconds, cpuMs: ((cpuSecondsOf(pid) - cpuBefore) * 1000) / PER_ROUND };
}

const first = await post(gateway.url, BODY);
const answerFile = join(gateway.directory, 'answer.json');
writeFileSync(answerFile, first.raw);
const bareEntry = fileURLToPath(new URL('bare-route.js', import.meta.url));
const bare = spawn(process.execPath, [bareEntry, answerFile], { stdio: ['ignore', 'pipe', 'inherit'] });
const [address] = (await once(bare.stdout.setEncoding('utf8'), 'data')) as [string];
const bareUrl = address.trim();

const contestants = [
  { name: 'bare Nest route', url: bareUrl, pid: bare.pid ?? 0, body: BODY, isCached: false, rounds: [] as Round[] },
  { name: 'cached, whole', url: gateway.url, pid: gateway.pid, body: BODY, isCached: true, rounds: [] as Round[] },
  { name: 'cached, streamed', url: gateway.url, pid: gateway.pid, body: STREAM_BODY, isCached: true, rounds: [] as Round[] },
]; // prettier-ignore

for (let round = -1; round < ROUNDS; round += 1) {
  for (const { url, pid, body, isCached, rounds } of contestants) {
    const result = await measure(url, pid, body, isCached);
    // The first one warms up.
    if (round >= 0) rounds.push(result);
  }
}

await agent.close();
bare.kill();
const asked = gateway.api.requests.length;
await gateway.stop();
if (asked !== 1) throw new Error(`the model was asked ${asked} times`);

const [baseline] = contestants;
const results = contestants.map(({ name, rounds }) => {
  const ratios = rounds.map(({ perSecond }, index) => perSecond / (baseline?.rounds[index]?.perSecond ?? Number.NaN));
  return {
    name,
    perSecond: percentile(rounds.map(({ perSecond }) => perSecond), 0.5),
    cpuMs: percentile(rounds.map(({ cpuMs }) => cpuMs), 0.5),
    ratio: percentile(ratios, 0.5),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
    cpuRatio: percentile((baseline?.rounds ?? []).map(({ cpuMs }) => cpuMs), 0.5) / percentile(rounds.map(({ cpuMs }) => cpuMs), 0.5),
  };
}); // prettier-ignore
process.stdout.write(`answers of ${Buffer.byteLength(first.raw)} bytes, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds\n`); // prettier-ignore
for (const { name, perSecond, cpuMs, ratio, lowestRatio, highestRatio, cpuRatio } of results) {
  process.stdout.write(
    `${name.padEnd(18)} ${perSecond.toFixed(0).padStart(6)} requests/s   ${cpuMs.toFixed(3)} CPU ms each   ` +
      `${(ratio * 100).toFixed(0)} % (${(lowestRatio * 100).toFixed(0)}-${(highestRatio * 100).toFixed(0)}) of the bare route, ${(cpuRatio * 100).toFixed(0)} % by CPU time\n`,
  );
}
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/cache.json', `${JSON.stringify({ node: process.version, results }, null, 2)}\n`);
