import { toUpstreamReport, type UpstreamReport, type UpstreamSource } from './turn/upstream-report.ts';

/** Why the CLI or the Messages API failed. The code is stable, the message is for logs. */
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

/** Base of all errors of this layer. */
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

/** The command could not start, or ended or hung before it was ready. */
export class CliStartError extends ClaudeCliError {}

/** The process ended while a reply or result was pending. */
export class CliCrashedError extends ClaudeCliError {
  constructor(
    readonly exitCode: number | null,
    readonly signal: NodeJS.Signals | null,
    /** The end of its stderr; for logs only. */
    readonly stderrTail: string,
  ) {
    super('cli-crashed', `the CLI ended unexpectedly (${signal ?? `exit code ${exitCode}`})`);
  }
}

/** The last line of a process's stderr, which has the reason for its end. */
export function lastLine(stderrTail: string): string {
  return stderrTail.trim().split('\n').at(-1) ?? '';
}

/** The process had ended before it accepted the turn: the model got no request, and another process can run the turn. */
export class CliGoneError extends ClaudeCliError {
  constructor(options?: ErrorOptions) {
    super('cli-gone', 'the CLI had ended before it took the turn', options);
  }
}

/** The process broke the protocol, or answered a control request with an error. */
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

/** The Messages API refused a request or failed. */
export class UpstreamError extends ClaudeCliError {
  constructor(
    /** HTTP status of the Messages API; undefined without a response (connection cut, no route). */
    readonly status: number | undefined,
    /** The message of the Messages API, without the CLI's framing. */
    readonly detail: string,
    readonly retryAfterSeconds?: number,
    /** Whether the request exceeds the model's context window. */
    readonly isPromptTooLong = false,
    /** Whether the refusal applies to every model, not only to the one of the request. */
    readonly isAccountWide = false,
    readonly source: UpstreamSource = {},
  ) {
    super('upstream', `the Messages API failed${status === undefined ? '' : ` with status ${status}`}`);
  }

  /** The failure for the log, without the text of `detail`, which may quote clients. */
  get report(): UpstreamReport {
    return toUpstreamReport(this.status, this.detail, this.source);
  }
}

/** The Messages API refused a tool of the client. */
export class ToolRefusedError extends UpstreamError {
  constructor(
    detail: string,
    /** The client's name of the tool. */
    readonly toolName: string,
    source: UpstreamSource = {},
  ) {
    super(400, detail, undefined, false, false, source);
  }
}

/** The turn exceeded its timeout. */
export class TurnTimeoutError extends ClaudeCliError {
  constructor(readonly timeoutMs: number) {
    super('turn-timeout', `the turn took longer than ${timeoutMs} ms`);
  }
}

/** The response of the Messages API broke off. The CLI does not report why. */
export class AnswerCutError extends ClaudeCliError {
  constructor() {
    super('answer-cut', 'the response of the Messages API broke off before its end');
  }
}
