// Guarantee: a whole message holds what a client makes of the stream, whatever the model wrote as arguments.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { finish } from '../../../test/support/turn-events.ts';
import { MessageCollector } from './message-collector.ts';

function inputOf(...pieces: string[]): unknown {
  const collector = new MessageCollector('msg_1');
  collector.accept({ choice: 0, event: { type: 'tool-call-start', index: 0, id: 'toolu_1', name: 'f' } });
  for (const json of pieces) collector.accept({ choice: 0, event: { type: 'tool-call-delta', index: 0, json } });
  collector.accept({ choice: 0, event: finish('tool-calls') });
  const [block] = collector.body.content;
  assert.equal(block?.type, 'tool_use');
  return block.input;
}

for (const [what, pieces, input] of [
  ['an object in pieces', ['{"a":', '[1]}'], { a: [1] }],
  ['nothing', [], {}],
  ['numbers of unusual digits', ['{"a":1.10,"b":1e2}'], { a: 1.1, b: 100 }],
  ['no object', ['[1]'], { arguments: [1] }],
  ['arguments that were cut off', ['{"a":"b'], { INVALID_JSON: '{"a":"b' }],
] as const) {
  test(`${what} is the input of a call`, () => assert.deepEqual(inputOf(...pieces), input));
}

test('a message that is cut, refused or ended says why', () => {
  for (const [reason, expected] of [
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool-calls', 'tool_use'],
    ['refusal', 'refusal'],
  ] as const) {
    const collector = new MessageCollector('msg_1');
    collector.accept({ choice: 0, event: finish(reason) });
    assert.deepEqual([collector.body.stop_reason, collector.body.content], [expected, []]);
  }
});
