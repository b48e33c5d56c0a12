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

/** Reads the lines of what the session waits for: a turn, or a message of a history. */
export interface LineReader {
  accept(line: CliLine): void;
  /** The process has ended, or refused what it was sent. */
  fail(error: Error): void;
  /** A line was lost that may have belonged to it. */
  noteDamage?(): void;
}

/** Carries lines to and from a CLI; `ClaudeProcess` is the real one. */
export type Transport = Pick<ClaudeProcess, 'pid' | 'ended' | 'send' | 'terminate' | 'kill'>;
export type TransportFactory = (options: ClaudeProcessOptions, listener: ClaudeProcessListener) => Transport;

export interface CliConnectionListener {
  /** A line that answers no control request. Its reader gets it next. */
  onLine(line: CliLine): void;
  /** The CLI asks for something. Resolves with undefined where that is not supported. */
  onRequest(request: ControlRequestLine['request'], signal: AbortSignal): Promise<ControlAnswer | undefined>;
  onEvent(event: SessionEvent): void;
}

/** Unreadable lines of one process that are reported, at most. */
const MAX_REPORTED_LINES = 10;

/** The connection to one CLI process: its control channel, the reader of its other lines, and how it ended. */
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

  /** Resolves when the process has ended, whatever the reason; never rejects. */
  get ended(): Promise<ProcessEnd> {
    return this.transport.ended;
  }

  /** Why the process is gone; undefined while it runs. */
  get failure(): ClaudeCliError | undefined {
    return this.endFailure;
  }

  /** From now on the process might repeat words of a client on stderr, so its stderr is not reported. */
  noteClientWords(): void {
    this.hasClientWords = true;
  }

  send(line: object): void {
    this.transport.send(line);
  }

  /** @param reader gets every further line; undefined when nothing is waited for */
  read(reader: LineReader | undefined): void {
    this.reader = reader;
  }

  /** Fails what is waited for; ends the process where nothing is. */
  fail(error: Error): void {
    if (this.reader) this.reader.fail(error);
    else this.kill(error);
  }

  /** Ends the process at once, for this reason. */
  kill(error: Error): void {
    this.transport.kill(error);
  }

  /** Ends the process, politely first. Resolves when it has gone. */
  end(): Promise<ProcessEnd> {
    this.isToEnd = true;
    return this.transport.terminate();
  }

  /** Ends the process at once, as expected. Resolves when it has gone. */
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
