/** Thrown when a line grows beyond its bound. */
export class LineTooLongError extends Error {
  constructor(readonly maxLineBytes: number) {
    super(`a line is longer than ${maxLineBytes} bytes`);
    this.name = 'LineTooLongError';
  }
}

const LINE_FEED = 0x0a;

/**
 * Cuts a byte stream into lines. A line is handed out as soon as its line feed is there; what comes before it is
 * kept as chunks and joined once, so a long line costs no repeated copying. UTF-8 sequences split over two
 * chunks stay whole, because decoding happens per line.
 */
export class LineFramer {
  private chunks: Buffer[] = [];
  private pendingBytes = 0;

  constructor(private readonly maxLineBytes: number) {}

  /** The lines completed by this chunk, without their line feeds, empty ones left out. Throws LineTooLongError. */
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
