// Guarantee: whatever a body holds, it is understood or refused with a 400 that names a place in it; nothing else happens.
import { test } from '@jest/globals';
import { requestBodies } from '../../../test/support/request-bodies.ts';
import { understand } from '../../../test/support/understand.ts';
import { assertUnderstoodOrRefused } from '../../../test/support/understood-or-refused.ts';

test('6,000 generated bodies, most of them broken, are understood or refused in the right way', () => {
  assertUnderstoodOrRefused(requestBodies('m'), {
    runs: 6000,
    moreThan: { understood: 200, refused: 2000 },
    understand: (body) => understand(body).turn,
  });
});
