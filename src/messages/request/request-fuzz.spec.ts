// Guarantee: whatever a body of the Messages API holds, it is understood or refused with a 400 that names a place in it; nothing
// else happens.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { messagesBodies } from '../../../test/support/messages-bodies.ts';
import { understandMessages } from '../../../test/support/understand-messages.ts';
import { assertBadRequest, assertUnderstoodOrRefused } from '../../../test/support/understood-or-refused.ts';
import { anthropicErrorFormat } from '../response/anthropic-error-format.ts';

test('5,000 generated bodies of messages, most of them broken, are understood or refused in the right way', () => {
  assertUnderstoodOrRefused(messagesBodies('m'), {
    runs: 5000,
    moreThan: { understood: 500, refused: 1000 },
    understand: (body) => understandMessages(body).turn,
    checkRefusal: (error) => {
      assertBadRequest(error);
      const { message } = anthropicErrorFormat.body(error, 'req_1').error;
      assert.ok(message.startsWith(`${error.param.replaceAll(/\[(\d+)\]/g, '.$1')}: `), message);
    },
  });
});
