import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processStartTime } from './process-start-time.ts';

const entrySchema = z.object({ pid: z.int().positive(), startTime: z.string() });
const fileSchema = z.object({ owner: entrySchema, processes: z.array(entrySchema) });
type Entry = z.infer<typeof entrySchema>;

const FILE_NAME = /^processes-\d+\.json$/;

/**
 * The running processes of this service, on disk, so that a later start can end what a SIGKILL left behind. Identifies a
 * process by id and start time, never by name.
 */
export class ProcessRecord {
  private readonly file: string;
  private readonly entries = new Map<number, Entry>();
  private readonly owner: Entry;

  /** @param onProblem called if the record cannot be written; the service continues without it */
  constructor(
    private readonly directory: string,
    private readonly onProblem: (error: Error) => void,
  ) {
    this.file = join(directory, `processes-${process.pid}.json`);
    this.owner = { pid: process.pid, startTime: processStartTime(process.pid) ?? '' };
  }

  add(pid: number): void {
    const startTime = processStartTime(pid);
    if (startTime === undefined) return;
    this.entries.set(pid, { pid, startTime });
    this.write();
  }

  remove(pid: number): void {
    if (this.entries.delete(pid)) this.write();
  }

  /** Ends the processes of services that have died. Returns their number. */
  reapOrphans(): number {
    let reaped = 0;
    for (const name of this.fileNames()) {
      const file = join(this.directory, name);
      const content = readRecord(file);
      if (content && isAlive(content.owner)) continue;
      for (const entry of content?.processes ?? []) if (isAlive(entry) && killGroup(entry.pid)) reaped += 1;
      try {
        rmSync(file, { force: true });
      } catch (error) {
        this.onProblem(error as Error);
      }
    }
    return reaped;
  }

  private fileNames(): string[] {
    try {
      return readdirSync(this.directory).filter((name) => FILE_NAME.test(name));
    } catch {
      return [];
    }
  }

  private write(): void {
    try {
      if (this.entries.size === 0) {
        rmSync(this.file, { force: true });
        return;
      }
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      const content = { owner: this.owner, processes: [...this.entries.values()] };
      writeFileSync(`${this.file}.new`, JSON.stringify(content), { mode: 0o600 });
      renameSync(`${this.file}.new`, this.file);
    } catch (error) {
      this.onProblem(error as Error);
    }
  }
}

/** Ends a process and its children, since each leads its own group. False if it has already ended. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function isAlive(entry: Entry): boolean {
  return processStartTime(entry.pid) === entry.startTime;
}

/** Undefined if the file is damaged. */
function readRecord(file: string): z.infer<typeof fileSchema> | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
