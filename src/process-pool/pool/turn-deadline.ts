/** The time for all attempts of a turn together, from the first lease on. */
export class TurnDeadline {
  private endsAt: number | undefined;

  constructor(private readonly timeoutMs: number) {}

  remainingMs(): number {
    const now = performance.now();
    this.endsAt ??= now + this.timeoutMs;
    return Math.max(0, this.endsAt - now);
  }
}
