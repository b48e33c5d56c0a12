import { readFileSync } from 'node:fs';

/** Anonymous memory alone where the kernel tells it apart (Linux 4.5), otherwise all that is resident: proc_pid_status(5). */
const FIELDS = [/^RssAnon:\s+(\d+) kB$/m, /^VmRSS:\s+(\d+) kB$/m];

/**
 * The memory of a process that is its own, in bytes: without the pages of its binary, which all processes share. Undefined
 * where the system does not tell (no /proc) or the process has gone.
 */
export function ownMemoryBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    return parseOwnMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The same from the text of /proc/PID/status, which has no such lines once the process has ended. */
export function parseOwnMemory(status: string): number | undefined {
  for (const field of FIELDS) {
    const kilobytes = field.exec(status)?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return undefined;
}
