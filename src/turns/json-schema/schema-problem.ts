import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

/** Why something is not a JSON Schema. */
export interface SchemaProblem {
  /** In words, without the position. */
  readonly text: string;
  /** The keys that lead to the problem. */
  readonly steps: readonly string[];
}

// Compiles only the meta-schema: clients' schemas are checked against it, never compiled.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
const isSchema = ajv.getSchema('https://json-schema.org/draft/2020-12/schema');

/** Why a value is no JSON Schema of draft 2020-12; undefined if it is one. */
export function findSchemaProblem(schema: Readonly<Record<string, unknown>>): SchemaProblem | undefined {
  if (isSchema?.(schema)) return undefined;
  const problem = isSchema?.errors?.[0];
  const steps = (problem?.instancePath ?? '').split('/').slice(1);
  return { text: describe(problem), steps: steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) };
}

/** The path in the body of a position below a field. */
export function pathInto(field: string, steps: readonly string[]): string {
  return steps.reduce((place, step) => (/^\d+$/.test(step) ? `${place}[${step}]` : `${place}.${step}`), field);
}

function describe(problem: ErrorObject | undefined): string {
  const place = problem?.instancePath ? `'${problem.instancePath}' ` : '';
  const allowed = problem?.keyword === 'enum' ? `: ${(problem.params['allowedValues'] as unknown[]).join(', ')}` : '';
  return `${place}${problem?.message ?? 'is not valid'}${allowed} (JSON Schema 2020-12)`;
}
