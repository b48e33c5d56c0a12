import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** What a sudden death of the process can lose at most. */
const WRITE_DELAY_MS = 1_000;

const fileSchema = z.object({ day: z.iso.date(), dollars: z.record(z.string(), z.number().min(0)) });

/** What each counter has spent on one day, in memory and, shortly after each change, in a file. */
export class DailySpending {
  private day = '';
  private dollars = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isFailing = false;

  /** @param onProblem told when the file cannot be read or written; what is counted stays in memory */
  constructor(
    private readonly file: string,
    private readonly onProblem: (error: Error) => void,
  ) {
    this.read();
  }

  /** Adds to what a counter has spent on a day and returns the sum. Another day than before begins at nothing. */
  add(counter: string, day: string, dollars: number): number {
    if (dollars > 0) {
      if (day !== this.day) this.dollars = new Map();
      this.day = day;
      this.dollars.set(counter, (this.dollars.get(counter) ?? 0) + dollars);
      this.noteChange();
    }
    return day === this.day ? (this.dollars.get(counter) ?? 0) : 0;
  }

  /** Writes what is not written yet; from now on everything is written at once. */
  close(): void {
    this.isClosed = true;
    if (this.timer) this.write();
  }

  private noteChange(): void {
    if (this.isClosed) this.write();
    else this.timer ??= setTimeout(() => this.write(), WRITE_DELAY_MS).unref();
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      const text = JSON.stringify({ day: this.day, dollars: Object.fromEntries(this.dollars) });
      writeFileSync(`${this.file}.new`, text, { mode: 0o600 });
      renameSync(`${this.file}.new`, this.file);
      this.isFailing = false;
    } catch (error) {
      // A full disk is told of once, not every second.
      if (!this.isFailing) this.onProblem(error as Error);
      this.isFailing = true;
    }
  }

  private read(): void {
    try {
      const { day, dollars } = fileSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
      this.day = day;
      this.dollars = new Map(Object.entries(dollars));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.onProblem(error as Error);
    }
  }
}
