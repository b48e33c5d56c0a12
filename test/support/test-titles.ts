import { globSync, readFileSync } from 'node:fs';
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
    if (this.hasNames && this.source.includes(`'${title}'`)) return true;
    return this.templates.some((pattern) => {
      const match = pattern.exec(title);
      return match !== null && match.slice(1).every((value) => this.source.includes(value));
    });
  }
}

/** The specs of the project, as paths from its root. */
export function specFiles(): string[] {
  return globSync('{src,test}/**/*.spec.ts', { cwd: root });
}

function toPattern(template: string): RegExp {
  const pieces = template
    .split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/)
    .map((piece) => piece.replaceAll(/[.*+?^$()|[\]\\{}]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join('(.+?)')}$`, 's');
}
