import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** The maximum spending that a crash can lose, as time. */
const WRITE_DELAY_MS = 1_000;

const fileSchema = z.object({ day: z.iso.date(), dollars: z.record(z.string(), z.number().min(0)) });

/** The spending of each counter on one day, in memory and, shortly after each change, in a file. */
export class DailySpending {
  private day = '';
  private dollars = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isFailing = false;

  /** @param onProblem called if the file cannot be read or written; the counts stay in memory */
  constructor(
    private readonly file: string,
    private readonly onProblem: (error: Error) => void,
  ) {
    this.read();
  }

  /** Adds to the spending of a counter on a day and returns the sum. A new day starts at zero. */
  add(counter: string, day: string, dollars: number): number {
    if (dollars > 0) {
      if (day !== this.day) this.dollars = new Map();
      this.day = day;
      this.dollars.set(counter, (this.dollars.get(counter) ?? 0) + dollars);
      this.noteChange();
    }
    return day === this.day ? (this.dollars.get(counter) ?? 0) : 0;
  }

  /** Writes pending changes; later changes are written at once. */
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
      // Report a full disk once, not every second.
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
