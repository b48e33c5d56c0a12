import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { LineFramer } from './line-framer.ts';
import { parseLine, type CliLine } from './messages.ts';

export interface ClaudeProcessOptions {
  readonly command: string;
  readonly launchArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Bound on one line of output; a longer one ends the process. Default 64 MiB. */
  readonly maxLineBytes?: number;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when it was ended here for what it wrote, or could not be started. */
  readonly cause?: Error;
  readonly stderrTail: string;
}

export interface ClaudeProcessListener {
  onLine(line: CliLine): void;
  /** Called once, after the last line. */
  onEnd(end: ProcessEnd): void;
}

const DEFAULT_MAX_LINE_BYTES = 64 * 1024 * 1024;
const STDERR_TAIL_CHARACTERS = 4096;
const END_GRACE_MS = 1000;
const TERM_GRACE_MS = 2000;

/**
 * One CLI process: lines in, lines out, and its end. It leads a process group of its own, and every signal goes to
 * the whole group, so that nothing the CLI started outlives it.
 */
export class ClaudeProcess {
  /** Undefined when the command could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended and its output was read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  private readonly child: ChildProcessWithoutNullStreams;
  private stderrTail = '';
  private cause: Error | undefined;
  private hasExited = false;
  private isClosed = false;
  private termination: Promise<ProcessEnd> | undefined;

  constructor(
    options: ClaudeProcessOptions,
    private readonly listener: ClaudeProcessListener,
  ) {
    this.child = spawn(options.command, options.launchArguments, {
      cwd: options.workingDirectory,
      env: options.environment,
      detached: true,
      stdio: 'pipe',
    });
    this.pid = this.child.pid;
    this.ended = this.watchEnd();
    // Where no process could be had at all, as without descriptors, there are no streams either.
    if (this.pid === undefined) return;
    this.readLines(new LineFramer(options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES));
    // A write after the process has gone fails here; its end is told by `ended`.
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
    });
  }

  /** Writes one message. What is written to a process that has ended is dropped. */
  send(message: object): void {
    if (!this.hasExited && this.pid !== undefined) this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends the process: end of input, then SIGTERM, then SIGKILL to its group, each after a bounded wait. */
  terminate(): Promise<ProcessEnd> {
    this.termination ??= this.runTermination();
    return this.termination;
  }

  /** Kills the process group at once. */
  kill(cause?: Error): void {
    this.cause ??= cause;
    this.signalGroup('SIGKILL');
  }

  private async runTermination(): Promise<ProcessEnd> {
    if (this.pid !== undefined) this.child.stdin.end();
    if (!(await this.endsWithin(END_GRACE_MS))) {
      this.signalGroup('SIGTERM');
      if (!(await this.endsWithin(TERM_GRACE_MS))) this.signalGroup('SIGKILL');
    }
    return this.ended;
  }

  private async endsWithin(milliseconds: number): Promise<boolean> {
    const timer = new AbortController();
    const timeout = delay(milliseconds, false, { signal: timer.signal, ref: false }).catch(() => false);
    const hasEnded = await Promise.race([this.ended.then(() => true), timeout]);
    timer.abort();
    return hasEnded;
  }

  private signalGroup(signal: NodeJS.Signals): void {
    // A process group whose last member has gone may belong to somebody else by now.
    if (this.pid === undefined || this.isClosed) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The whole group has gone already.
    }
  }

  private readLines(framer: LineFramer): void {
    this.child.stdout.on('data', (chunk: Buffer) => {
      if (this.cause) return;
      try {
        for (const text of framer.push(chunk)) {
          const line = parseLine(text);
          if (!line) throw new Error('the CLI wrote a line that is not a JSON message');
          this.listener.onLine(line);
        }
      } catch (error) {
        this.kill(error as Error);
      }
    });
  }

  private watchEnd(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const finish = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.isClosed = true;
        const end = { exitCode, signal, stderrTail: this.stderrTail, ...(this.cause && { cause: this.cause }) };
        this.listener.onEnd(end);
        resolve(end);
      };
      this.child.once('error', (error) => {
        this.cause ??= error;
        if (this.pid === undefined) {
          this.hasExited = true;
          finish(null, null);
        }
      });
      this.child.once('exit', () => {
        this.hasExited = true;
        // What is left of the group would keep the pipes open.
        this.signalGroup('SIGKILL');
      });
      if (this.pid !== undefined) this.child.once('close', finish);
    });
  }
}
