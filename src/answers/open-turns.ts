/**
 * The turns of one answer that still have a process. Calls `onSettled` once, when the answer has ended and all turns have
 * settled.
 */
export class OpenTurns {
  private open = 0;
  private hasEnded = false;

  constructor(private readonly onSettled: () => void) {}

  /** A process was leased for a turn. */
  begin(): void {
    this.open += 1;
  }

  /** The turn of a process has settled and is charged. */
  settle(): void {
    this.open -= 1;
    if (this.hasEnded && this.open === 0) this.onSettled();
  }

  /** No further turn will begin. Call once. */
  end(): void {
    this.hasEnded = true;
    if (this.open === 0) this.onSettled();
  }
}
