import type { SchemaPath } from '../../turns/numbers/keep-digits.ts';

/** Where schemas stand in a body of the Responses API. */
export const SCHEMA_PATHS: readonly SchemaPath[] = [
  ['tool', 'tools', undefined, 'parameters'],
  ['tool', 'tools', undefined, 'tools', undefined, 'parameters'],
  ['format', 'text', 'format', 'schema'],
];
