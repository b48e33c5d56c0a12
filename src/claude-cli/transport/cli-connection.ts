import {
  ClaudeProcess,
  type ClaudeProcessListener,
  type ClaudeProcessOptions,
  type ProcessEnd,
  type UnreadableLine,
} from './claude-process.ts';
import { ControlChannel, type ControlAnswer } from './control-channel.ts';
import type { ClaudeCliError } from '../errors.ts';
import type { CliLine, ControlRequestLine } from './messages.ts';
import type { SessionEvent } from '../session/session-event.ts';
import { toFailure } from './to-failure.ts';

/** Reads the lines of a turn, or of a history message. */
export interface LineReader {
  accept(line: CliLine): void;
  /** The process has ended, or refused its input. */
  fail(error: Error): void;
  /** A lost line may have belonged to the turn. */
  noteDamage?(): void;
}

/** Carries lines to and from a CLI; `ClaudeProcess` implements it. */
export type Transport = Pick<ClaudeProcess, 'pid' | 'ended' | 'send' | 'terminate' | 'kill'>;
export type TransportFactory = (options: ClaudeProcessOptions, listener: ClaudeProcessListener) => Transport;

export interface CliConnectionListener {
  /** A line other than a control response. The reader gets it next. */
  onLine(line: CliLine): void;
  /** Answers a control request of the CLI. Resolves with undefined if it is not supported. */
  onRequest(request: ControlRequestLine['request'], signal: AbortSignal): Promise<ControlAnswer | undefined>;
  onEvent(event: SessionEvent): void;
}

/** Maximum unreadable lines that are reported per process. */
const MAX_REPORTED_LINES = 10;

/** The connection to one CLI process: its control channel, the reader of its other lines, and its end. */
export class CliConnection {
  readonly control: ControlChannel;
  private readonly transport: Transport;
  private reader: LineReader | undefined;
  private endFailure: ClaudeCliError | undefined;
  private isToEnd = false;
  private hasClientWords = false;
  private unreadableLines = 0;

  constructor(
    private readonly options: ClaudeProcessOptions,
    private readonly listener: CliConnectionListener,
    start: TransportFactory = (processOptions, processListener) => new ClaudeProcess(processOptions, processListener),
  ) {
    this.control = new ControlChannel(
      (message) => this.send(message),
      (request, signal) => listener.onRequest(request, signal),
    );
    this.transport = start(options, {
      onLine: (line) => this.acceptLine(line),
      onUnreadableLine: (line) => this.acceptUnreadable(line),
      onEnd: (end) => this.acceptEnd(end),
    });
  }

  get pid(): number | undefined {
    return this.transport.pid;
  }

  /** Resolves when the process has ended, for whatever reason; never rejects. */
  get ended(): Promise<ProcessEnd> {
    return this.transport.ended;
  }

  /** Why the process has ended; undefined while it runs. */
  get failure(): ClaudeCliError | undefined {
    return this.endFailure;
  }

  /** Stops reports of stderr: from now on it might repeat words of a client. */
  noteClientWords(): void {
    this.hasClientWords = true;
  }

  send(line: object): void {
    this.transport.send(line);
  }

  /** @param reader gets every further line; undefined if none is expected */
  read(reader: LineReader | undefined): void {
    this.reader = reader;
  }

  /** Fails the reader; without one ends the process. */
  fail(error: Error): void {
    if (this.reader) this.reader.fail(error);
    else this.kill(error);
  }

  /** Kills the process, with this reason. */
  kill(error: Error): void {
    this.transport.kill(error);
  }

  /** Ends the process gracefully. Resolves when it has exited. */
  end(): Promise<ProcessEnd> {
    this.isToEnd = true;
    return this.transport.terminate();
  }

  /** Kills the process as an expected end. Resolves when it has exited. */
  endAtOnce(): Promise<ProcessEnd> {
    this.isToEnd = true;
    this.transport.kill();
    return this.transport.ended;
  }

  private acceptLine(line: CliLine): void {
    switch (line.type) {
      case 'control_response':
        this.control.acceptResponse(line);
        return;
      case 'control_request':
        void this.control.acceptRequest(line);
        return;
      case 'control_cancel_request':
        this.control.acceptCancel(line);
        return;
      default:
        this.listener.onLine(line);
        this.reader?.accept(line);
    }
  }

  private acceptUnreadable({ characters, isDamagedMessage }: UnreadableLine): void {
    this.unreadableLines += 1;
    if (this.unreadableLines <= MAX_REPORTED_LINES) this.listener.onEvent({ type: 'unreadable-line', characters });
    if (isDamagedMessage) this.reader?.noteDamage?.();
  }

  private acceptEnd(processEnd: ProcessEnd): void {
    const end = this.hasClientWords ? { ...processEnd, stderrTail: '' } : processEnd;
    this.endFailure = toFailure(end, this.options.command);
    this.listener.onEvent(toEnded(end, this.isToEnd));
    this.control.close(this.endFailure);
    this.reader?.fail(this.endFailure);
  }
}

function toEnded({ exitCode, signal, cause, stderrTail }: ProcessEnd, isExpected: boolean): SessionEvent {
  return {
    type: 'ended',
    isExpected,
    exitCode,
    signal,
    ...(cause && { reason: cause.message }),
    ...(stderrTail !== '' && !isExpected && { stderrTail }),
  };
}
