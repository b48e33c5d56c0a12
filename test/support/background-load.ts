import assert from 'node:assert/strict';
import { ask, type Gateway } from './gateway.ts';
import { call, errorOf } from './http-call.ts';
import { lastText, text, type Script } from './scripted-messages-api.ts';

/** Answers each request with its own words, so that a mix-up shows. */
export const echo: Script = ({ body }) => text(`echo of ${lastText(body)}.`, { deltaDelayMs: 1 });

/** How requests ended: `ok`, a status with its code, an error code in a stream, or `connection` when none came. */
export type Outcomes = ReadonlyMap<string, number>;

/** Sends requests without a pause, one after the other in each worker, until it is stopped. */
export class BackgroundLoad {
  private readonly outcomes = new Map<string, number>();
  private readonly workers: Promise<void>[];
  private isStopped = false;
  private count = 0;

  constructor(
    private readonly gateway: Gateway,
    workers = 3,
  ) {
    this.workers = Array.from({ length: workers }, () => this.work());
  }

  /** How many requests were answered well so far. */
  get answered(): number {
    return this.outcomes.get('ok') ?? 0;
  }

  /** Resolves once every request has ended; asserts that no answer was another request's. */
  async stop(): Promise<Outcomes> {
    this.isStopped = true;
    await Promise.all(this.workers);
    return this.outcomes;
  }

  private async work(): Promise<void> {
    while (!this.isStopped) {
      const outcome = await this.one(this.count++);
      this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    }
  }

  private async one(index: number): Promise<string> {
    const words = `load ${index}`;
    const body = JSON.stringify(ask(words, { stream: index % 2 === 0 }));
    const answer = await call(this.gateway, '/v1/chat/completions', { body }).catch(() => undefined);
    if (!answer) return 'connection';
    if (answer.status !== 200) return `${answer.status} ${errorOf(answer).code}`;
    const failure = /"error":\{[^}]*"code":"(\w+)"/.exec(answer.text);
    if (failure) return `stream ${failure[1]}`;
    const content = [...answer.text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
    assert.equal(content, `echo of ${words}.`);
    return 'ok';
  }
}

/** Asserts that every request was answered well, or failed in one of the ways that are documented for the fault. */
export function assertOutcomes(outcomes: Outcomes, ...documented: string[]): void {
  const others = [...outcomes.keys()].filter((outcome) => outcome !== 'ok' && !documented.includes(outcome));
  assert.deepEqual(others, [], JSON.stringify([...outcomes]));
}
