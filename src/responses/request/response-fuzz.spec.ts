// Guarantee: whatever a body holds, it is understood or refused with an error that names a place in it; nothing else happens.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { responseBodies } from '../../../test/support/response-bodies.ts';
import { understandResponse } from '../../../test/support/understand-response.ts';
import { assertUnderstoodOrRefused } from '../../../test/support/understood-or-refused.ts';

test('5,000 generated bodies, most of them broken, are understood or refused in the right way', () => {
  assertUnderstoodOrRefused(responseBodies('m'), {
    runs: 5000,
    moreThan: { understood: 500, refused: 1000 },
    understand: (body) => understandResponse(body).turn,
    checkRefusal: ({ status, code }) => assert.ok(status === 400 || (status === 404 && code === 'item_not_found')),
  });
});
