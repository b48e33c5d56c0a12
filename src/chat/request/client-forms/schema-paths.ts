import type { SchemaPath } from '../../../turns/numbers/keep-digits.ts';

/** Where schemas stand in a body of any form that this door takes. */
export const SCHEMA_PATHS: readonly SchemaPath[] = [
  ['tool', 'tools', undefined, 'function', 'parameters'],
  ['tool', 'tools', undefined, 'parameters'],
  ['tool', 'tools', undefined, 'input_schema'],
  ['tool', 'tools', undefined, 'inputSchema'],
  ['tool', 'functions', undefined, 'parameters'],
  ['format', 'response_format', 'json_schema', 'schema'],
  ['format', 'response_format', 'schema'],
  ['format', 'text', 'format', 'schema'],
  ['format', 'output_config', 'format', 'schema'],
  ['format', 'output_format', 'schema'],
];
