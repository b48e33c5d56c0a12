import { toUpstreamReport, type UpstreamReport, type UpstreamSource } from './turn/upstream-report.ts';

/** Why the CLI or what is behind it failed; the code is stable, the message is for logs. */
export type ClaudeCliErrorCode =
  | 'cli-not-found'
  | 'cli-start-failed'
  | 'cli-version'
  | 'cli-changed'
  | 'cli-crashed'
  | 'cli-gone'
  | 'cli-protocol'
  | 'cli-timeout'
  | 'not-logged-in'
  | 'upstream'
  | 'turn-timeout'
  | 'answer-cut';

/** Base of everything this layer throws. */
export class ClaudeCliError extends Error {
  constructor(
    readonly code: ClaudeCliErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The command could not be started at all, or ended or fell silent before it was ready. */
export class CliStartError extends ClaudeCliError {}

/** The process ended while something was expected of it. */
export class CliCrashedError extends ClaudeCliError {
  constructor(
    readonly exitCode: number | null,
    readonly signal: NodeJS.Signals | null,
    /** The end of what it wrote to stderr; for logs only. */
    readonly stderrTail: string,
  ) {
    super('cli-crashed', `the CLI ended unexpectedly (${signal ?? `exit code ${exitCode}`})`);
  }
}

/** The last line of what a process wrote to stderr: that is where it says why it ends. */
export function lastLine(stderrTail: string): string {
  return stderrTail.trim().split('\n').at(-1) ?? '';
}

/** The process had ended before it took the turn: nothing was asked of the model, and another process can take it. */
export class CliGoneError extends ClaudeCliError {
  constructor(options?: ErrorOptions) {
    super('cli-gone', 'the CLI had ended before it took the turn', options);
  }
}

/** The process said something that the protocol does not allow, or answered a control request with an error. */
export class CliProtocolError extends ClaudeCliError {
  constructor(message: string, options?: ErrorOptions) {
    super('cli-protocol', message, options);
  }
}

/** The process did not answer a control request in time. */
export class CliTimeoutError extends ClaudeCliError {
  constructor(what: string, timeoutMs: number) {
    super('cli-timeout', `the CLI did not answer ${what} within ${timeoutMs} ms`);
  }
}

/** The CLI has no credentials, or none that it can use. */
export class NotLoggedInError extends ClaudeCliError {
  constructor(message: string) {
    super('not-logged-in', message);
  }
}

/** The Messages API refused or failed. */
export class UpstreamError extends ClaudeCliError {
  constructor(
    /** HTTP status of the Messages API; undefined when no answer came (connection cut, no route). */
    readonly status: number | undefined,
    /** What the Messages API said, without the CLI's framing. */
    readonly detail: string,
    readonly retryAfterSeconds?: number,
    /** Whether the request was refused because it is longer than the model's context window. */
    readonly isPromptTooLong = false,
    /** Whether every model would be refused, not only the one that was asked. */
    readonly isAccountWide = false,
    readonly source: UpstreamSource = {},
  ) {
    super('upstream', `the Messages API failed${status === undefined ? '' : ` with status ${status}`}`);
  }

  /** Why it failed, for the log; `detail` may quote clients. */
  get report(): UpstreamReport {
    return toUpstreamReport(this.status, this.detail, this.source);
  }
}

/** The Messages API refused a tool of the client. */
export class ToolRefusedError extends UpstreamError {
  constructor(
    detail: string,
    /** As the client named it. */
    readonly toolName: string,
    source: UpstreamSource = {},
  ) {
    super(400, detail, undefined, false, false, source);
  }
}

/** The turn took longer than it may. */
export class TurnTimeoutError extends ClaudeCliError {
  constructor(readonly timeoutMs: number) {
    super('turn-timeout', `the turn took longer than ${timeoutMs} ms`);
  }
}

/** The response of the Messages API broke off before its end. The CLI does not say why. */
export class AnswerCutError extends ClaudeCliError {
  constructor() {
    super('answer-cut', 'the response of the Messages API broke off before its end');
  }
}
