// Guarantee: what was handed out of an answer is neither repeated nor lost when the CLI asks again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerAssembler } from './answer-assembler.ts';
import { AnswerDivergedError } from './errors.ts';
import type { TurnEvent } from './turn.ts';

function collect(): { assembler: AnswerAssembler; events: TurnEvent[]; text: () => string } {
  const events: TurnEvent[] = [];
  const assembler = new AnswerAssembler((event) => events.push(event));
  return {
    assembler,
    events,
    text: () => events.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''),
  };
}

function stream(assembler: AnswerAssembler, pieces: readonly string[]): void {
  assembler.start(0, { type: 'text', text: '', citations: null });
  for (const text of pieces) assembler.delta(0, { type: 'text_delta', text });
}

test('an attempt that breaks off anywhere is continued by the next, however that is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1 }),
      fc.nat(),
      fc.nat(),
      (pieces, brokenAt, secondCut) => {
        const { assembler, text } = collect();
        const whole = pieces.join('');
        stream(assembler, pieces.slice(0, brokenAt % (pieces.length + 1)));
        assembler.restart();
        const cut = secondCut % (whole.length + 1);
        stream(assembler, [whole.slice(0, cut), whole.slice(cut)]);
        assembler.finish();
        assert.equal(text(), whole);
      },
    ),
  );
});

test('an attempt that says something else, or less, is an error', () => {
  const other = collect();
  stream(other.assembler, ['hello']);
  other.assembler.restart();
  assert.throws(() => stream(other.assembler, ['help']), AnswerDivergedError);
  const less = collect();
  stream(less.assembler, ['hello']);
  less.assembler.restart();
  stream(less.assembler, ['hel']);
  assert.throws(() => less.assembler.finish(), AnswerDivergedError);
});

test('a call that was handed out cannot be taken back', () => {
  const { assembler } = collect();
  assembler.start(0, {
    type: 'tool_use',
    id: 'a',
    name: 'mcp__client_12345678901234567890__f',
    input: {},
    caller: { type: 'direct' },
  });
  assert.throws(() => assembler.restart(), AnswerDivergedError);
});

test('a call that was cut off in its arguments is not a part of the answer', () => {
  const { assembler } = collect();
  const call = {
    type: 'tool_use',
    name: 'mcp__client_12345678901234567890__f',
    input: {},
    caller: { type: 'direct' },
  } as const;
  assembler.start(0, { ...call, id: 'a' });
  assembler.delta(0, { type: 'input_json_delta', partial_json: '{"x":1}' });
  assembler.start(1, { ...call, id: 'b' });
  assembler.delta(1, { type: 'input_json_delta', partial_json: '{"x":"y' });
  assert.deepEqual(assembler.content, [{ type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }]);
});

test('the arguments of a call are kept as the model wrote them', () => {
  const { assembler, events } = collect();
  const json = '{"id": 12345678901234567890,\n "price": 1.10}';
  const name = 'mcp__client_12345678901234567890__f';
  assembler.start(0, { type: 'tool_use', id: 'a', name, input: {}, caller: { type: 'direct' } });
  for (const piece of json.match(/.{1,5}/gs) ?? []) {
    assembler.delta(0, { type: 'input_json_delta', partial_json: piece });
  }
  assert.equal(events.map((event) => (event.type === 'tool-call-delta' ? event.json : '')).join(''), json);
  const input = { id: '12345678901234567890', price: '1.10' };
  assert.deepEqual(assembler.content, [{ type: 'tool_use', id: 'a', name: 'f', input, json }]);
});
