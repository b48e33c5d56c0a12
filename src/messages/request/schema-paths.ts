import type { SchemaPath } from '../../turns/numbers/keep-digits.ts';

/** Where schemas stand in a body of the Messages API. */
export const SCHEMA_PATHS: readonly SchemaPath[] = [
  ['tool', 'tools', undefined, 'input_schema'],
  ['format', 'output_config', 'format', 'schema'],
  ['format', 'output_format', 'schema'],
];
