/** How long to wait for `message_stop` after the stop reason. */
const LONGEST_CLOSE_MS = 1_000;

/**
 * Holds the replies to calls of the client's tools until their message has streamed to its end. A reply interrupts the
 * turn, which would lose the message's last events and the upstream connection.
 */
export class CallHold {
  private isReleased = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly held = new Set<() => void>();

  /** A message has begun to stream. */
  begin(): void {
    this.isReleased = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The stop reason has arrived, so the end is near; releases after a timeout if it does not come. */
  expectEnd(): void {
    this.timer ??= setTimeout(() => this.release(), LONGEST_CLOSE_MS);
  }

  /** The message has ended, or no further line of the turn is read. */
  release(): void {
    this.isReleased = true;
    clearTimeout(this.timer);
    for (const resolve of this.held) resolve();
    this.held.clear();
  }

  /** Resolves when the message has ended or the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.isReleased) return;
    await new Promise<void>((resolve) => {
      this.held.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
