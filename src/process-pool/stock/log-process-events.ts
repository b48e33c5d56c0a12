import type { SessionEvent } from '../../claude-cli/session/session-event.ts';
import type { Logger } from '../../common/logging/logger.ts';

/** An event of a process, and the request that it worked for. */
export interface ProcessEventReport {
  readonly pid: number | undefined;
  /** The request whose turn ran on it; undefined if none did. */
  readonly requestId: string | undefined;
  readonly event: SessionEvent;
}

/** Logs the events of processes, each with the id of its request. */
export function logProcessEvents(logger: Logger): (report: ProcessEventReport) => void {
  return ({ pid, requestId, event }) => {
    const { type, ...details } = event;
    const fields = { pid, ...(requestId !== undefined && { requestId }), ...details };
    switch (type) {
      case 'started':
        return logger.info(fields, 'process started');
      case 'ended':
        if (event.isExpected) return logger.info(fields, 'process ended');
        return logger.warn(fields, 'process ended unexpectedly');
      case 'upstream-retry':
        return logger.warn(fields, 'upstream failed, the CLI asks again');
      case 'unknown-content':
        return logger.warn(fields, 'the Messages API sent content of an unknown kind; it was left out');
      case 'unreadable-line':
        return logger.warn(fields, 'the CLI wrote a line that is no JSON message; it was skipped');
      case 'rewind-failed':
        return logger.warn(fields, 'conversation could not be taken back, process is ended');
      case 'interrupt-unanswered':
        return logger.warn(fields, 'interrupt was not answered, process is killed');
    }
  };
}
