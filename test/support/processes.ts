import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The ids of the processes that a process has started and that still run (Linux). Zombies do not count. */
export function childrenOf(pid: number): number[] {
  return [...readdirSync('/proc')]
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      const fields = statFields(candidate);
      return fields !== undefined && fields[0] !== 'Z' && Number(fields[1]) === pid;
    });
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const fields = statFields(pid);
  return fields !== undefined && fields[0] !== 'Z';
}

/** The resident memory of a process in bytes, what it shares with others included; undefined when it has gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** The descriptors that a process has open, but for the files of the conversations: these are opened once, when needed. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((name) => !targetOf(pid, name).includes('/conversations.db')).length;
}

/** How many descriptors of a process lead to a file whose path ends in this. */
export function timesOpen(pid: number, end: string): number {
  return readdirSync(`/proc/${pid}/fd`).filter((name) => targetOf(pid, name).endsWith(end)).length;
}

/** What a descriptor leads to; empty when it was closed meanwhile. */
function targetOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${name}`);
  } catch {
    return '';
  }
}

/** Sets a limit of a running process, as prlimit(1) names it, so that it can be taken back: only the soft one. */
export function limit(pid: number, resource: 'fsize' | 'nofile', value: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--${resource}=${value}:`]);
}

/** The fields of proc_pid_stat(5) from the state on; undefined when there is no such process. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
