import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { LineFramer } from './line-framer.ts';
import { parseLine, type CliLine } from './messages.ts';

export interface ClaudeProcessOptions {
  readonly command: string;
  readonly launchArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Maximum length of an output line; a longer one ends the process. Default 64 MiB. */
  readonly maxLineBytes?: number;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set if this service ended it because of its output, or if it could not start. */
  readonly cause?: Error;
  readonly stderrTail: string;
}

export interface ClaudeProcessListener {
  onLine(line: CliLine): void;
  /** A line that is no JSON message was skipped. */
  onUnreadableLine(line: UnreadableLine): void;
  /** Called once, after the last line. */
  onEnd(end: ProcessEnd): void;
}

/** An output line that is no JSON message. Its text is omitted, since it may be a client's. */
export interface UnreadableLine {
  readonly characters: number;
  /** Whether it begins like a message, so that one may have been lost. */
  readonly isDamagedMessage: boolean;
}

const DEFAULT_MAX_LINE_BYTES = 64 * 1024 * 1024;
const STDERR_TAIL_CHARACTERS = 4096;
const END_GRACE_MS = 1000;
const TERM_GRACE_MS = 2000;
/** How long to read on after the exit while a surviving child process keeps the output open. */
const OUTPUT_GRACE_MS = 500;
/** Maximum reads after that while output still arrives. */
const MAX_LAST_READS = 100;

/**
 * One CLI process: lines in, lines out, and its end. It leads its own process group and every signal goes to the group, so
 * that nothing the CLI started outlives it.
 */
export class ClaudeProcess {
  /** Undefined if the command could not start. */
  readonly pid: number | undefined;
  /** Resolves when the process has exited and its output has been read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  private readonly child: ChildProcessWithoutNullStreams;
  private stderrTail = '';
  private cause: Error | undefined;
  private hasExited = false;
  private isOver = false;
  private readChunks = 0;
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
    // If no process could be created, for example without file descriptors, there are no streams either.
    if (this.pid === undefined) return;
    this.readLines(new LineFramer(options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES));
    // A write after the process has ended fails here; `ended` reports its end.
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
    });
  }

  /** Writes one message; dropped if the process has ended. */
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
    // The id of a group without members may belong to another process by now.
    if (this.pid === undefined || this.hasExited) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group has no members left.
    }
  }

  private readLines(framer: LineFramer): void {
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.readChunks += 1;
      if (this.cause || this.isOver) return;
      try {
        for (const text of framer.push(chunk)) {
          const line = parseLine(text);
          if (line) this.listener.onLine(line);
          else this.listener.onUnreadableLine({ characters: text.length, isDamagedMessage: text.startsWith('{') });
        }
      } catch (error) {
        this.kill(error as Error);
      }
    });
  }

  private watchEnd(): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const finish = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        if (this.isOver) return;
        this.isOver = true;
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
      this.child.once('exit', (exitCode, signal) => {
        // The rest of its group must not outlive it.
        this.signalGroup('SIGKILL');
        this.hasExited = true;
        void this.outputEnd().then(() => finish(exitCode, signal));
      });
    });
  }

  /**
   * Resolves when the output of an exited process has been read: at its end or, if a process outside the group keeps it
   * open, once no more arrives.
   */
  private async outputEnd(): Promise<void> {
    const timer = new AbortController();
    const closed = new Promise<true>((resolve) => this.child.once('close', () => resolve(true)));
    const grace = delay(OUTPUT_GRACE_MS, false, { signal: timer.signal }).catch(() => false);
    const isClosed = await Promise.race([closed, grace]);
    timer.abort();
    if (isClosed) return;
    for (let reads = 0, before = -1; before < this.readChunks && reads < MAX_LAST_READS; reads += 1) {
      before = this.readChunks;
      await nextTurn();
    }
    for (const stream of this.child.stdio) stream?.destroy();
  }
}
