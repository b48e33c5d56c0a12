import type { ControlChannel } from './control-channel.ts';
import type { CliLine } from './messages.ts';

/** Reads the lines of what the session waits for: a turn, or a message of a history. */
export interface LineReader {
  accept(line: CliLine): void;
  /** The process has ended, or refused what it was sent. */
  fail(error: Error): void;
  /** A line was lost that may have belonged to it. */
  noteDamage?(): void;
}

/** What the parts of a session share: the process, its control channel, and the one reader of its lines at a time. */
export interface SessionLink {
  readonly control: ControlChannel;
  send(line: object): void;
  /** @param reader undefined when nothing is waited for */
  read(reader: LineReader | undefined): void;
  /** Fails what is waited for; ends the process where nothing is. */
  fail(error: Error): void;
  /** Ends the process at once. */
  kill(error: Error): void;
}
