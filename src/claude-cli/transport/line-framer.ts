/** A line exceeds its maximum length. */
export class LineTooLongError extends Error {
  constructor(readonly maxLineBytes: number) {
    super(`a line is longer than ${maxLineBytes} bytes`);
    this.name = 'LineTooLongError';
  }
}

const LINE_FEED = 0x0a;

/**
 * Splits a byte stream into lines. Returns a line as soon as its line feed arrives; joins the chunks before it once, so a
 * long line is not copied repeatedly. Decodes whole lines, so UTF-8 sequences may be split over chunks.
 */
export class LineFramer {
  private chunks: Buffer[] = [];
  private pendingBytes = 0;

  constructor(private readonly maxLineBytes: number) {}

  /** The lines that this chunk completes, without line feeds and empty lines. Throws LineTooLongError. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const line = this.take(chunk.subarray(start, end));
      if (line.trim() !== '') lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
    return lines;
  }

  private keep(rest: Buffer): void {
    this.pendingBytes += rest.length;
    if (this.pendingBytes > this.maxLineBytes) throw new LineTooLongError(this.maxLineBytes);
    this.chunks.push(rest);
  }

  private take(end: Buffer): string {
    if (this.pendingBytes + end.length > this.maxLineBytes) throw new LineTooLongError(this.maxLineBytes);
    if (this.chunks.length === 0) return end.toString('utf8');
    const line = Buffer.concat([...this.chunks, end]).toString('utf8');
    this.chunks = [];
    this.pendingBytes = 0;
    return line;
  }
}
