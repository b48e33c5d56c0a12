// The long version of test/conformance/http-fuzz, with the real CLI behind it: ten times as many generated and damaged
// bodies, with a paced API and with one that answers at once, which has the most requests end at the same moment. Nothing may be a 5xx, hold the event loop up for more than
// 100 ms, or be left over. FUZZ_TIMES changes how many.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { Pool } from 'undici';
import { Gateway } from '../support/gateway.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';
import { INSTANT, PACED } from '../support/pace.ts';
import { isRunning, openDescriptors } from '../support/processes.ts';
import { damagedBodies, requestBodies } from '../support/request-bodies.ts';
import { ScriptedMessagesApi } from '../support/scripted-messages-api.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMES = Number(process.env['FUZZ_TIMES'] ?? 10);
const GENERATED = 6_000 * TIMES;
const DAMAGED = 1_500 * TIMES;
const AT_ONCE = 40;
const LONGEST_STALL_MS = 100;
const LOOP_STALLS = fileURLToPath(new URL('../../../test/fixtures/loop-stalls.mjs', import.meta.url));
const CHAT = '/v1/chat/completions';

const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
for (const [name, pace] of [['paced', PACED], ['instant', INSTANT]] as const) await fuzz(name, pace); // prettier-ignore
rmSync(directory, { recursive: true });

async function fuzz(name: string, pace: typeof PACED | typeof INSTANT): Promise<void> {
  const stallsFile = join(directory, `stalls-${name}`);
  const gateway = await Gateway.start({
    api: await ScriptedMessagesApi.start({ pace }),
    environment: { NODE_OPTIONS: `--import=${LOOP_STALLS}`, STALLS_FILE: stallsFile },
    settings: {
      CLAUDE__MAX_CONCURRENT_SESSIONS: '6',
      PROCESS_POOL__SIZE: '6',
      PROCESS_POOL__QUEUE_SIZE: '1000',
      PROCESS_POOL__QUEUE_TIMEOUT_SECONDS: '600',
      LOGGING__LEVEL: 'silent',
    },
  });
  const descriptors = openDescriptors(gateway.pid);
  const counts = new Map<number, number>();
  const began = performance.now();
  const client = new Pool(gateway.url, { connections: AT_ONCE });
  const send = async (body: string | Buffer): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const response = await client.request({
      path: CHAT,
      method: 'POST',
      headers,
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const raw = await response.body.text();
    counts.set(response.statusCode, (counts.get(response.statusCode) ?? 0) + 1);
    gateway.api.reset();
    if (response.statusCode === 200) {
      if (raw.startsWith(':') || raw.startsWith('data: '))
        assert.ok(raw.endsWith('data: [DONE]\n\n') || raw.includes('"structured_output_failed"'), raw);
      else assertMatchesSchema('CreateChatCompletionResponse', JSON.parse(raw));
    } else {
      // The scripted model knows no formats, so an answer may fail the one that was asked for.
      const isRefused = response.statusCode >= 400 && response.statusCode < 500;
      assert.ok(
        isRefused || raw.includes('"structured_output_failed"'),
        `${response.statusCode} ${raw} for ${body.toString()}`,
      );
      assertMatchesSchema('ErrorResponse', JSON.parse(raw));
    }
  };
  await sendAll(
    requestBodies('sonnet').map((body) => JSON.stringify(body)),
    GENERATED,
    send,
  );
  await sendAll(damagedBodies, DAMAGED, send);
  await client.close();
  await waitFor('the end of every turn', async () => {
    const { pool } = (await (await fetch(`${gateway.url}/stats`)).json()) as { pool: { processes: { busy: number } } };
    return pool.processes.busy === 0;
  });
  const left = openDescriptors(gateway.pid) - descriptors;
  const pids = gateway.cliPids;
  assert.equal(await gateway.stop(), 0);
  await gateway.api.close();
  await waitFor('the end of every CLI process', () => !pids.some(isRunning), 2000);
  const stallMs = Number(readFileSync(stallsFile, 'utf8'));
  const seconds = Math.round((performance.now() - began) / 1000);
  const summary = `${name}: ${GENERATED} generated and ${DAMAGED} damaged bodies in ${seconds} s, by status ${JSON.stringify([...counts])}, longest stall ${stallMs.toFixed(0)} ms, descriptors + ${left}`;
  process.stdout.write(`${summary}\n`);
  assert.ok(left <= 16, summary);
  assert.ok(stallMs > 0 && stallMs <= LONGEST_STALL_MS, summary);
}

async function sendAll<Body>(
  bodies: fc.Arbitrary<Body>,
  count: number,
  send: (body: Body) => Promise<void>,
): Promise<void> {
  const several = fc.array(bodies, { minLength: AT_ONCE, maxLength: AT_ONCE });
  await fc.assert(
    fc.asyncProperty(several, async (values) => void (await Promise.all(values.map(send)))),
    { numRuns: Math.ceil(count / AT_ONCE), endOnFailure: true },
  );
}
