import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface LatencySnapshot {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Percentiles of durations, exact to three digits, in constant memory. */
export class Latency {
  // Microseconds, since the histogram counts whole numbers.
  private readonly histogram: RecordableHistogram = createHistogram({ figures: 3 });

  record(milliseconds: number): void {
    this.histogram.record(Math.max(1, Math.round(milliseconds * 1000)));
  }

  add(other: Latency): void {
    if (other.histogram.count > 0) this.histogram.add(other.histogram);
  }

  /** Percentiles in milliseconds; null without any record. */
  snapshot(): LatencySnapshot {
    const { count } = this.histogram;
    const at = (percent: number): number | null => (count === 0 ? null : this.histogram.percentile(percent) / 1000);
    return { count, p50: at(50), p95: at(95), p99: at(99) };
  }
}
