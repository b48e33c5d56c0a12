import { readFileSync } from 'node:fs';

/** Anonymous memory if the kernel reports it (Linux 4.5), otherwise all resident memory: proc_pid_status(5). */
const FIELDS = [/^RssAnon:\s+(\d+) kB$/m, /^VmRSS:\s+(\d+) kB$/m];

/**
 * The unshared memory of a process in bytes: without the pages of its binary, which all processes share. Undefined without
 * /proc or if the process has ended.
 */
export function ownMemoryBytes(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    return parseOwnMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The same from the text of /proc/PID/status, which lacks these lines once the process has ended. */
export function parseOwnMemory(status: string): number | undefined {
  for (const field of FIELDS) {
    const kilobytes = field.exec(status)?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  }
  return undefined;
}
