// Guarantee: whatever a body holds, it is understood or refused with an error that names a place in it; nothing else happens.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { leadsSomewhere } from '../../../test/support/request-bodies.ts';
import { responseBodies } from '../../../test/support/response-bodies.ts';
import { understandResponse } from '../../../test/support/understand-response.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';

test('5,000 generated bodies, most of them broken, are understood or refused in the right way', () => {
  let understood = 0;
  let refused = 0;
  fc.assert(
    fc.property(responseBodies('m'), (generated) => {
      // What is undefined would not come over the wire.
      const sent = JSON.parse(JSON.stringify(generated)) as unknown;
      try {
        const { turn } = understandResponse(sent);
        understood += 1;
        const roles = [...turn.history, turn.message].map(({ role }) => role);
        roles.forEach((role, index) => assert.equal(role, index % 2 === 0 ? 'user' : 'assistant'));
        for (const { content: blocks } of [...turn.history, turn.message]) assert.ok(blocks.length > 0);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        refused += 1;
        assert.ok(error.status === 400 || (error.status === 404 && error.code === 'item_not_found'));
        assert.ok(
          error.param !== null && leadsSomewhere(sent, error.param, error.code === 'missing_required_parameter'),
          `${error.param}: ${error.message}`,
        );
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(understood > 500 && refused > 1000, `${understood} understood, ${refused} refused`);
});
