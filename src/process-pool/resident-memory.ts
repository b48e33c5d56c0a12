import { readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** The resident memory of a process in bytes; undefined where the system does not tell (no /proc) or it has gone. */
export function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined;
  } catch {
    return undefined;
  }
}
