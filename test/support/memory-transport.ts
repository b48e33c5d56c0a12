import type { ClaudeProcessListener, ProcessEnd } from '../../src/claude-cli/transport/claude-process.ts';
import type { Transport, TransportFactory } from '../../src/claude-cli/transport/cli-connection.ts';
import type { CliLine } from '../../src/claude-cli/transport/messages.ts';

/** A line that was sent to the CLI. */
export interface SentLine {
  readonly type: string;
  readonly uuid?: string;
  readonly shouldQuery?: boolean;
  readonly request_id?: string;
  readonly request?: { readonly subtype: string; readonly [field: string]: unknown };
}

/** The lines that the CLI writes for a line; undefined leaves it to the defaults. */
export type Respond = (line: SentLine, cli: MemoryCli) => readonly object[] | undefined;

/** A CLI in memory: control requests succeed, rewinds are confirmed, turns answer as the test says. */
export class MemoryCli {
  readonly sent: SentLine[] = [];
  private listener!: ClaudeProcessListener;
  private resolveEnded!: (end: ProcessEnd) => void;
  private hasEnded = false;

  constructor(private readonly respond: Respond) {}

  readonly transport: TransportFactory = (_options, listener): Transport => {
    this.listener = listener;
    const ended = new Promise<ProcessEnd>((resolve) => (this.resolveEnded = resolve));
    return {
      pid: undefined,
      ended,
      send: (line) => this.accept(line as SentLine),
      terminate: () => {
        this.end({ exitCode: 0, signal: null, stderrTail: '' });
        return ended;
      },
      kill: (cause) => this.end({ exitCode: null, signal: 'SIGKILL', stderrTail: '', ...(cause && { cause }) }),
    };
  };

  /** The process ends by itself. */
  crash(): void {
    this.end({ exitCode: 3, signal: null, stderrTail: '' });
  }

  /** What was sent, in short: the subtype of control requests, else the type of the line. */
  get log(): string[] {
    return this.sent.map(({ type, request, shouldQuery }) =>
      type === 'user' ? (shouldQuery === false ? 'message' : 'turn') : (request?.subtype ?? type),
    );
  }

  private accept(line: SentLine): void {
    this.sent.push(line);
    // The CLI answers later, as a process does.
    setImmediate(() => {
      const lines = this.hasEnded ? [] : (this.respond(line, this) ?? byDefault(line));
      for (const written of lines) if (!this.hasEnded) this.listener.onLine(written as CliLine);
    });
  }

  private end(end: ProcessEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    setImmediate(() => {
      this.listener.onEnd(end);
      this.resolveEnded(end);
    });
  }
}

function byDefault({ type, request, request_id: requestId }: SentLine): object[] {
  if (type === 'user') return [{ type: 'result', subtype: 'success', is_error: false, total_cost_usd: 0 }];
  if (type !== 'control_request') return [];
  const response =
    request?.subtype === 'rewind_conversation'
      ? { rewound: true, targetMessageUuid: request['target_message_uuid'], precedingAssistantUuid: null }
      : {};
  return [{ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } }];
}
