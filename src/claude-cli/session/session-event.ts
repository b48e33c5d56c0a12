import type { UnknownContentReport } from '../turn/unknown-content.ts';

/** Events of a process outside its turns, without any content of clients. */
export type SessionEvent =
  | { readonly type: 'started' }
  | {
      readonly type: 'ended';
      /** Whether this service ended it. */
      readonly isExpected: boolean;
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly reason?: string;
      /** The end of its stderr, if the process had received nothing from a client. */
      readonly stderrTail?: string;
    }
  /** The Messages API failed, and the CLI will retry. */
  | {
      readonly type: 'upstream-retry';
      readonly attempt: number | undefined;
      /** HTTP status; undefined without a response. */
      readonly status: number | undefined;
      readonly delayMs: number | undefined;
    }
  /** The Messages API sent content of an unknown kind, which is left out of the answer. */
  | ({ readonly type: 'unknown-content' } & UnknownContentReport)
  /** The CLI wrote a line that is no JSON message; it is skipped. */
  | { readonly type: 'unreadable-line'; readonly characters: number }
  /** The process could not prove a rewind and is ended. */
  | { readonly type: 'rewind-failed'; readonly reason: string }
  /** An interrupted turn did not end in time; the process is killed. */
  | { readonly type: 'interrupt-unanswered' };
