import type { UnknownContentReport } from '../turn/unknown-content.ts';

/** What happens to a process beside its turns; holds nothing of what was said. */
export type SessionEvent =
  | { readonly type: 'started' }
  | {
      readonly type: 'ended';
      /** Whether it was told to end. */
      readonly isExpected: boolean;
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly reason?: string;
      /** The end of what it wrote to stderr, as long as it had been told nothing by a client. */
      readonly stderrTail?: string;
    }
  /** The Messages API failed, and the CLI is going to ask again. */
  | {
      readonly type: 'upstream-retry';
      readonly attempt: number | undefined;
      /** HTTP status; undefined when no answer came. */
      readonly status: number | undefined;
      readonly delayMs: number | undefined;
    }
  /** The Messages API sent content of an unknown kind, which was left out of the answer. */
  | ({ readonly type: 'unknown-content' } & UnknownContentReport)
  /** The CLI wrote a line that is no JSON message; it was skipped. */
  | { readonly type: 'unreadable-line'; readonly characters: number }
  /** It could not prove that its conversation was taken back, so it is ended. */
  | { readonly type: 'rewind-failed'; readonly reason: string }
  /** A turn that was interrupted did not end in time, so it is killed. */
  | { readonly type: 'interrupt-unanswered' };
