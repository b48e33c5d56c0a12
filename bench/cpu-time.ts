import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

function stat(pid: number | 'self'): number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

/** CPU seconds that a running process has used (Linux). */
export function cpuSecondsOf(pid: number): number {
  const fields = stat(pid);
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** CPU seconds of all processes that this one has started and that have ended (Linux). */
export function cpuSecondsOfEndedChildren(): number {
  const fields = stat('self');
  return ((fields[13] ?? 0) + (fields[14] ?? 0)) / TICKS_PER_SECOND;
}
