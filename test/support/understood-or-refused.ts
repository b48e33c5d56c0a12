import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Turn } from '../../src/claude-cli/turn/turn.ts';
import { GatewayError } from '../../src/common/errors/gateway-error.ts';
import { leadsSomewhere } from './request-bodies.ts';

export interface UnderstoodOrRefused {
  readonly runs: number;
  /** Fewer understood or refused bodies would show nothing. */
  readonly moreThan: { readonly understood: number; readonly refused: number };
  /** The turn of a body that is understood. */
  readonly understand: (body: unknown) => Turn;
  /** What else is true of a turn. */
  readonly checkTurn?: (turn: Turn) => void;
  /** What else is true of a refusal, beside that it names a place in the body. Default: its status is 400. */
  readonly checkRefusal?: (error: GatewayError & { readonly param: string }) => void;
}

/** Asserts that each body is understood, or refused with an error that names a place in it; nothing else happens. */
export function assertUnderstoodOrRefused(
  bodies: fc.Arbitrary<unknown>,
  { runs, moreThan, understand, checkTurn = assertAlternating, checkRefusal = assertBadRequest }: UnderstoodOrRefused,
): void {
  let understood = 0;
  let refused = 0;
  fc.assert(
    fc.property(bodies, (generated) => {
      // What is undefined would not come over the wire.
      const sent = JSON.parse(JSON.stringify(generated)) as unknown;
      try {
        checkTurn(understand(sent));
        understood += 1;
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        refused += 1;
        const { param, code, message } = error;
        const isMissing = code === 'missing_required_parameter';
        assert.ok(param !== null && leadsSomewhere(sent, param, isMissing), `${param}: ${message}`);
        checkRefusal(error as GatewayError & { readonly param: string });
      }
    }),
    { numRuns: runs },
  );
  const counts = `${understood} understood, ${refused} refused`;
  assert.ok(understood > moreThan.understood && refused > moreThan.refused, counts);
}

/** The roles of a turn alternate, and every message has content. */
function assertAlternating({ history, message }: Turn): void {
  for (const [index, { role, content }] of [...history, message].entries()) {
    assert.equal(role, index % 2 === 0 ? 'user' : 'assistant');
    assert.ok(content.length > 0);
  }
}

export function assertBadRequest({ status }: GatewayError): void {
  assert.equal(status, 400);
}
