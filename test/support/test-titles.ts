import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The first argument of a test that is neither skipped nor to be done: a text, a template or a name. */
const TITLE =
  /\b(?:test|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`|([A-Za-z_$][\w$]*)\s*,)/g;

/** The tests of one spec as its source declares them. */
export class TestTitles {
  private readonly literals = new Set<string>();
  private readonly templates: RegExp[] = [];
  private hasNames = false;

  constructor(private readonly source: string) {
    for (const [, single, double, template, name] of source.matchAll(TITLE)) {
      const literal = single ?? double ?? template;
      if (name !== undefined) this.hasNames = true;
      if (literal !== undefined) this.literals.add(literal.replaceAll(/\\(.)/g, '$1'));
      if (template?.includes('${')) this.templates.push(toPattern(template));
    }
  }

  /** @param file path from the root of the project */
  static of(file: string): TestTitles {
    return new TestTitles(readFileSync(`${root}/${file}`, 'utf8'));
  }

  /**
   * Whether there is a test of that title: as the source has it (a template as it is written), or as a template gives it
   * with values that stand in the source, or as a value that stands there where titles come from a table.
   */
  has(title: string): boolean {
    if (this.literals.has(title)) return true;
    if (this.hasNames && this.holds(title)) return true;
    return this.templates.some((pattern) => {
      const match = pattern.exec(title);
      return match !== null && match.slice(1).every((value) => this.holds(value));
    });
  }

  /** Whether a value stands in the source: as a text, or as a key or an item of a table. */
  private holds(value: string): boolean {
    const quoted = ["'", '"', '`'].some((mark) =>
      this.source.includes(`${mark}${value.replaceAll("'", String.raw`\'`)}${mark}`),
    );
    return quoted || new RegExp(`[\\s{[(]${escape(value)}\\s*[:,\\])]`).test(this.source);
  }
}

function toPattern(template: string): RegExp {
  const pieces = template.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map((piece) => escape(piece));
  return new RegExp(`^${pieces.join('(.+?)')}$`, 's');
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^$()|[\]\\{}]/g, String.raw`\$&`);
}
