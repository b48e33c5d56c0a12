import { Injectable } from '@nestjs/common';
import type { EndedRequest, RequestObserver } from '../common/http/access-log.middleware.ts';
import type { UpstreamStatus } from '../process-pool/pool-status.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import type { SpendingSnapshot } from '../process-pool/figures/spending-figures.ts';
import { ResponseCache, type CacheSnapshot } from '../response-cache/response-cache.ts';
import { RequestFigures, type RequestFiguresSnapshot } from './request-figures.ts';

const SLICE_MS = 30_000;
const WINDOW_SLICES = 10;

export interface Stats {
  readonly uptime_seconds: number;
  readonly requests_in_flight: number;
  readonly requests_queued: number;
  readonly since_start: RequestFiguresSnapshot;
  readonly last_5_minutes: RequestFiguresSnapshot;
  readonly pool: object;
  /** Spending since the start by the outcome of the turn; see `SpendingKind`. */
  readonly spending?: SpendingSnapshot;
  readonly upstream?: UpstreamStatus;
  readonly cache: CacheSnapshot;
}

/** Counts requests since the start and over the last minutes. */
@Injectable()
export class StatsService implements RequestObserver {
  private readonly startedAt = performance.now();
  private readonly sinceStart = new RequestFigures();
  /** Time slices of the last minutes, the newest last. */
  private slices: { readonly beganAt: number; readonly figures: RequestFigures }[] = [];
  private inFlight = 0;

  constructor(
    private readonly pool: ProcessPoolService,
    private readonly cache: ResponseCache,
  ) {}

  began(): void {
    this.inFlight += 1;
  }

  ended(request: EndedRequest): void {
    this.inFlight -= 1;
    this.sinceStart.record(request);
    this.currentSlice().record(request);
  }

  read(): Stats {
    const recent = new RequestFigures();
    this.dropOldSlices();
    for (const { figures } of this.slices) recent.add(figures);
    const { processes, queued, upstream } = this.pool.status();
    const { spending, ...figures } = this.pool.figures() ?? {};
    return {
      uptime_seconds: Math.round((performance.now() - this.startedAt) / 1000),
      // Without the present request.
      requests_in_flight: this.inFlight - 1,
      requests_queued: queued,
      since_start: this.sinceStart.snapshot(),
      last_5_minutes: recent.snapshot(),
      cache: this.cache.snapshot(),
      pool: { processes, resident_bytes: this.pool.residentBytes(), ...toSnakeCase(figures) },
      ...(spending && { spending }),
      ...(upstream && { upstream }),
    };
  }

  private currentSlice(): RequestFigures {
    const last = this.slices.at(-1);
    if (last && performance.now() - last.beganAt < SLICE_MS) return last.figures;
    this.dropOldSlices();
    const figures = new RequestFigures();
    this.slices.push({ beganAt: performance.now(), figures });
    return figures;
  }

  private dropOldSlices(): void {
    const oldest = performance.now() - SLICE_MS * WINDOW_SLICES;
    this.slices = this.slices.filter(({ beganAt }) => beganAt >= oldest);
  }
}

function toSnakeCase(values: object): object {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
