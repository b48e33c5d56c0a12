import type { Proof, Requirement } from './requirement.ts';

/** A row of the list of errors: the status with its codes, and the cause. */
export function errorRow(id: string, answer: string, how: string, ...proofs: Proof[]): Requirement {
  return { id: `error.${id}`, name: answer, verdict: 'supported', how, source: 'schema ErrorResponse', proofs };
}
