import type { Schema } from '../../turns/json-schema/subschemas.ts';

const NOTHING_ELSE = 'no words before or after it and no code fence around it';

/** Asks for one JSON object; the Messages API has no such format. */
export const OBJECT_INSTRUCTION = `Your final answer must be exactly one JSON object (RFC 8259) and nothing else: ${NOTHING_ELSE}.`;

/** Asks for JSON of a schema without constrained decoding. */
export function schemaInstruction(schema: Schema, description: string | undefined): string {
  return [
    `Your final answer must be exactly one JSON value (RFC 8259) that is valid against the JSON Schema below, and nothing else: ${NOTHING_ELSE}.`,
    ...(description === undefined ? [] : [`What the answer is: ${description}`]),
    `JSON Schema (draft 2020-12):\n${JSON.stringify(schema)}`,
  ].join('\n\n');
}

/** Tells the model what was wrong with its answer. */
export function repairMessage(problem: string): string {
  return (
    `That answer cannot be used: ${problem}. ` +
    `Give the whole answer again, in the form that was asked for: the JSON alone, ${NOTHING_ELSE}.`
  );
}
