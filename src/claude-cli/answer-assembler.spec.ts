// Guarantee: what is handed out of an answer, piece by piece, is the answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerAssembler } from './answer-assembler.ts';
import type { TurnEvent } from './turn.ts';

function collect(): { assembler: AnswerAssembler; events: TurnEvent[] } {
  const events: TurnEvent[] = [];
  return { assembler: new AnswerAssembler((event) => events.push(event)), events };
}

test('each piece of a text is handed out once, as it comes', () => {
  const { assembler, events } = collect();
  assembler.start(0, { type: 'text', text: '', citations: null });
  for (const text of ['hel', '', 'lo']) assembler.delta(0, { type: 'text_delta', text });
  assert.deepEqual(events, [
    { type: 'text-delta', text: 'hel' },
    { type: 'text-delta', text: 'lo' },
  ]);
  assert.deepEqual(assembler.content, [{ type: 'text', text: 'hello' }]);
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
