/** The turns of one answer whose processes it still has. Tells once when the answer has ended and none is left. */
export class OpenTurns {
  private open = 0;
  private hasEnded = false;

  constructor(private readonly onSettled: () => void) {}

  /** A process was leased for a turn. */
  begin(): void {
    this.open += 1;
  }

  /** The turn of a process is over and charged. */
  settle(): void {
    this.open -= 1;
    if (this.hasEnded && this.open === 0) this.onSettled();
  }

  /** No turn will begin any more. Called once. */
  end(): void {
    this.hasEnded = true;
    if (this.open === 0) this.onSettled();
  }
}
