import type { EndedRequest } from '../common/http/access-log.middleware.ts';
import type { AnswerRecord } from '../common/http/request-context.ts';
import { Latency, type LatencySnapshot } from './latency.ts';

type Counts = Record<string, Record<string, number>>;

export interface RequestFiguresSnapshot {
  readonly total: number;
  /** Number of requests by route, then by outcome: `ok`, `cancelled`, or an error code. */
  readonly by_route: Counts;
  /** Number of answers by model, then by finish reason. */
  readonly by_model: Counts;
  readonly tokens: { prompt: number; cached: number; completion: number; reasoning: number };
  readonly cost_usd: number;
  readonly latency_ms: { queue: LatencySnapshot; first_token: LatencySnapshot; total: LatencySnapshot };
}

/** Counts the outcomes of requests in a period. */
export class RequestFigures {
  private total = 0;
  private readonly byRoute: Counts = {};
  private readonly byModel: Counts = {};
  private readonly tokens = { prompt: 0, cached: 0, completion: 0, reasoning: 0 };
  private costUsd = 0;
  private readonly queue = new Latency();
  private readonly firstToken = new Latency();
  private readonly whole = new Latency();

  record({ context, method, route, outcome, totalMs }: EndedRequest): void {
    this.total += 1;
    count(this.byRoute, `${method} ${route}`, outcome);
    if (context.answer) this.recordAnswer(context.answer, totalMs);
  }

  /** Adds the counts of another object. */
  add(other: RequestFigures): void {
    this.total += other.total;
    addCounts(this.byRoute, other.byRoute);
    addCounts(this.byModel, other.byModel);
    for (const kind of ['prompt', 'cached', 'completion', 'reasoning'] as const)
      this.tokens[kind] += other.tokens[kind];
    this.costUsd += other.costUsd;
    this.queue.add(other.queue);
    this.firstToken.add(other.firstToken);
    this.whole.add(other.whole);
  }

  snapshot(): RequestFiguresSnapshot {
    return {
      total: this.total,
      by_route: this.byRoute,
      by_model: this.byModel,
      tokens: this.tokens,
      cost_usd: this.costUsd,
      latency_ms: {
        queue: this.queue.snapshot(),
        first_token: this.firstToken.snapshot(),
        total: this.whole.snapshot(),
      },
    };
  }

  private recordAnswer(answer: AnswerRecord, totalMs: number): void {
    count(this.byModel, answer.model, answer.finishReason);
    this.tokens.prompt += answer.promptTokens;
    this.tokens.cached += answer.cachedTokens;
    this.tokens.completion += answer.completionTokens;
    this.tokens.reasoning += answer.reasoningTokens;
    this.costUsd += answer.costUsd ?? 0;
    // A cached answer says nothing about the latency of models.
    if (answer.tier === 'cache') return;
    this.queue.record(answer.queueMs);
    this.firstToken.record(answer.firstTokenMs);
    this.whole.record(totalMs);
  }
}

function count(counts: Counts, name: string, kind: string, by = 1): void {
  const kinds = (counts[name] ??= {});
  kinds[kind] = (kinds[kind] ?? 0) + by;
}

function addCounts(counts: Counts, more: Counts): void {
  for (const [name, kinds] of Object.entries(more)) {
    for (const [kind, number] of Object.entries(kinds)) count(counts, name, kind, number);
  }
}
