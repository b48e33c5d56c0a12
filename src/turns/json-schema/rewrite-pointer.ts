import { holdingOf, isSchema, type Schema } from './subschemas.ts';

/** The step of a pointer from one schema to another: a keyword, and a name or index if it takes one. */
export type PointerStep = readonly [keyword: string] | readonly [keyword: string, name: string];

/**
 * Updates a reference within a rewritten document; returns any other unchanged.
 *
 * @param root the document before the rewrite
 * @param rewrite maps a step from a schema of the document to the new one
 */
export function rewritePointer(
  reference: string,
  root: Schema,
  rewrite: (schema: Schema, step: PointerStep) => PointerStep,
): string {
  if (!reference.startsWith('#/')) return reference;
  const steps = decoded(reference.slice(2)).split('/').map(unescape);
  const rewritten: string[] = [];
  let node: unknown = root;
  let isSame = true;
  while (steps.length > 0 && isSchema(node)) {
    const step = nextStep(node, steps);
    if (!step) break;
    const [keyword, name] = step;
    const changed = rewrite(node, step);
    isSame &&= changed === step;
    rewritten.push(...changed);
    steps.splice(0, step.length);
    const target: unknown = node[keyword];
    node = name === undefined ? target : (target as Record<string, unknown>)[name];
  }
  return isSame ? reference : ['#', ...[...rewritten, ...steps].map(escape)].join('/');
}

function nextStep(schema: Schema, [keyword = '', name]: readonly string[]): PointerStep | undefined {
  const holding = holdingOf(keyword, schema[keyword]);
  if (holding === undefined) return undefined;
  if (holding === 'schema') return [keyword];
  return name === undefined ? undefined : [keyword, name];
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function escape(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25');
}
