/** A table that is printed once it is complete; every row begins with what was measured. */
export class Table {
  private readonly rows: string[][] = [];

  constructor(private readonly header: readonly string[]) {}

  /** @param cells in the order of the header; absent ones at the end are empty */
  row(...cells: string[]): void {
    this.rows.push(cells);
  }

  toString(): string {
    const all = [this.header, ...this.rows];
    const widths = this.header.map((_title, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
    return all
      .map((cells) => `${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join('   ')}\n`)
      .join('');
  }
}
