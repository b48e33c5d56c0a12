import type { Proof, Requirement } from './requirement.ts';

/** A row of the table of errors: the answer, and what leads to it. */
export function errorRow(id: string, answer: string, how: string, ...proofs: Proof[]): Requirement {
  return { id: `error.${id}`, name: answer, verdict: 'supported', how, source: 'schema ErrorResponse', proofs };
}
