// Guarantee: what is handed out of an answer, piece by piece, is the answer, and nothing that the API sends is taken for more
// than it is known to be.
import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import * as fc from 'fast-check';
import { AnswerAssembler } from './answer-assembler.ts';
import { UpstreamError } from '../errors.ts';
import type { AssistantBlock, TurnEvent } from './turn.ts';
import type { UnknownPart } from './unknown-content.ts';

interface Collected {
  readonly assembler: AnswerAssembler;
  readonly events: TurnEvent[];
  readonly unknown: UnknownPart[];
  readonly text: () => string;
}

function collect(): Collected {
  const events: TurnEvent[] = [];
  const unknown: UnknownPart[] = [];
  const assembler = new AnswerAssembler(
    (event) => events.push(event),
    (part) => unknown.push(part),
  );
  return {
    assembler,
    events,
    unknown,
    text: () => events.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''),
  };
}

const isContent = ({ type }: TurnEvent): boolean => type !== 'block-start' && type !== 'block-end';

function stream(assembler: AnswerAssembler, pieces: readonly string[]): void {
  assembler.start(0, { type: 'text', text: '', citations: null });
  for (const text of pieces) assembler.delta(0, { type: 'text_delta', text });
}

test('each piece of a text is handed out once, as it comes', () => {
  const { assembler, events } = collect();
  stream(assembler, ['hel', '', 'lo']);
  assembler.stopBlock(0);
  assert.deepEqual(events, [
    { type: 'block-start', index: 0, kind: 'text' },
    { type: 'text-delta', text: 'hel' },
    { type: 'text-delta', text: 'lo' },
    { type: 'block-end', index: 0 },
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

describe('what the API sends is not trusted', () => {
  const said = (text: string): { type: 'text_delta'; text: string } => ({ type: 'text_delta', text });
  const textBlock = { type: 'text', text: '', citations: null } as const;
  const index = (value: unknown): number => value as number;

  for (const value of [-1, 1.5, 7, 1_048_576, undefined, null, '0', Number.NaN, -4_000_000_000]) {
    test(`a block of the index ${String(value)} is a block like any other`, () => {
      const { assembler, text } = collect();
      assembler.start(0, textBlock);
      assembler.delta(0, said('one '));
      assembler.start(index(value), textBlock);
      assembler.delta(index(value), said('two'));
      assert.equal(text(), 'one two');
      assert.deepEqual(assembler.content, [{ type: 'text', text: 'one ' }, { type: 'text', text: 'two' }]); // prettier-ignore
      assert.equal(assembler.isVisible, true);
    });
  }

  test('two blocks of one index are both kept, in the order in which they came', () => {
    const { assembler, text } = collect();
    for (const piece of ['one ', 'two']) {
      assembler.start(3, textBlock);
      assembler.delta(3, said(piece));
    }
    assert.equal(text(), 'one two');
    assert.deepEqual(assembler.content, [{ type: 'text', text: 'one ' }, { type: 'text', text: 'two' }]); // prettier-ignore
    assert.equal(assembler.isExact, false);
  });

  for (const value of [4_000_000_000, 2 ** 53, 1e300, Number.POSITIVE_INFINITY]) {
    test(`the index ${value}, over which the CLI may freeze, fails the answer`, () => {
      const { assembler } = collect();
      assert.throws(() => assembler.start(value, textBlock), UpstreamError);
    });
  }

  for (const [what, start, deltas] of [
    ['a block of a server-side tool', { type: 'server_tool_use', id: 'a', name: 'web_search', input: {} }, [{ type: 'input_json_delta', partial_json: '{"q":1}' }]],
    ['its result', { type: 'web_search_tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'found' }] }, []],
    ['a block that does not exist yet', { type: 'hologram', text: 'shown' }, [said('shown')]],
    ['a block without a type', { text: 'shown' }, [said('shown')]],
    ['a delta without a block', undefined, [said('shown')]],
    ['a delta that does not exist yet', { type: 'text', text: '' }, [{ type: 'hologram_delta', text: 'shown' }]],
    ['text in a block of thinking', { type: 'thinking', thinking: '', signature: '' }, [said('shown')]],
    ['thinking in a block of text', { type: 'text', text: '' }, [{ type: 'thinking_delta', thinking: 'shown' }]],
    ['text that is none', { type: 'text', text: 7 }, [{ type: 'text_delta', text: ['shown'] }, { type: 'text_delta' }]],
  ] as const) {
    test(`${what} is reported and is no part of the answer, whether it is streamed or comes whole`, () => {
      const { assembler, events, unknown } = collect();
      stream(assembler, ['fine']);
      if (start) assembler.start(1, start as unknown as Parameters<AnswerAssembler['start']>[1]);
      for (const delta of deltas) assembler.delta(1, delta as unknown as Parameters<AnswerAssembler['delta']>[1]);
      assert.deepEqual(events.filter(isContent), [{ type: 'text-delta', text: 'fine' }]);
      assert.ok(unknown.length > 0);
      assert.equal(assembler.isExact, false);
      const whole = collect();
      if (start) whole.assembler.whole([start as unknown as AssistantBlock]);
      assert.deepEqual(whole.events.filter(isContent), []);
    });
  } // prettier-ignore

  test('hidden thinking and citations are known: they change nothing of the text', () => {
    const { assembler, text, unknown } = collect();
    assembler.start(0, { type: 'redacted_thinking', data: 'AAAA' });
    assembler.start(1, textBlock);
    assembler.delta(1, said('cited'));
    const citation = { type: 'char_location', cited_text: 'x', document_index: 0, document_title: null, file_id: null, start_char_index: 0, end_char_index: 1 } as const; // prettier-ignore
    assembler.delta(1, { type: 'citations_delta', citation });
    assert.equal(text(), 'cited');
    assert.deepEqual(assembler.content, [{ type: 'redacted_thinking', data: 'AAAA' }, { type: 'text', text: 'cited' }]); // prettier-ignore
    assert.deepEqual([unknown, assembler.isExact], [[], true]);
  });

  test('whatever comes in whatever order, the text of the blocks is the text that was handed out', () => {
    const anything = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constantFrom(undefined, null, '1', 0.5));
    const type = fc.constantFrom('text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use', 'hologram');
    const deltaType = fc.constantFrom(
      'text_delta',
      'thinking_delta',
      'signature_delta',
      'input_json_delta',
      'odd_delta',
    );
    const piece = fc.oneof(fc.string(), fc.constantFrom(undefined, 7, null));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anything, type, deltaType, piece)), (steps) => {
        const { assembler, text } = collect();
        for (const [isStart, at, kind, deltaKind, value] of steps) {
          const fields = { text: value, thinking: value, signature: value, partial_json: value, name: 'f', id: 'a' };
          if (isStart) assembler.start(index(at), { ...fields, type: kind } as never);
          else assembler.delta(index(at), { ...fields, type: deltaKind } as never);
        }
        const kept = assembler.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
        // Blocks can grow in turns, so the pieces may stand in another order.
        assert.deepEqual(kept.split('').toSorted(), text().split('').toSorted());
      }),
    );
  });
});

test('every block is told with its kind, from its first piece to its end, with what the provider signed', () => {
  const { assembler, events } = collect();
  assembler.start(0, { type: 'thinking', thinking: '', signature: '' });
  assert.deepEqual(events, [], 'an answer that breaks off here can be begun again');
  assembler.delta(0, { type: 'thinking_delta', thinking: 'Hm.' });
  assembler.delta(0, { type: 'signature_delta', signature: 'signed' });
  assembler.stopBlock(0);
  assembler.start(1, { type: 'redacted_thinking', data: 'sealed' });
  assembler.stopBlock(1);
  for (const index of [2, 3]) {
    assembler.start(index, { type: 'text', text: '', citations: null });
    assembler.delta(index, { type: 'text_delta', text: `text ${index}` });
    assembler.stopBlock(index);
  }
  assembler.start(4, {
    type: 'tool_use',
    id: 'a',
    name: 'mcp__client_12345678901234567890__f',
    input: {},
    caller: { type: 'direct' },
  });
  assembler.delta(4, { type: 'input_json_delta', partial_json: '{}' });
  assembler.finish();
  assert.deepEqual(events, [
    { type: 'block-start', index: 0, kind: 'reasoning' },
    { type: 'reasoning-delta', text: 'Hm.' },
    { type: 'block-end', index: 0, signature: 'signed' },
    { type: 'block-start', index: 1, kind: 'redacted', data: 'sealed' },
    { type: 'block-end', index: 1 },
    { type: 'block-start', index: 2, kind: 'text' },
    { type: 'text-delta', text: 'text 2' },
    { type: 'block-end', index: 2 },
    { type: 'block-start', index: 3, kind: 'text' },
    { type: 'text-delta', text: 'text 3' },
    { type: 'block-end', index: 3 },
    { type: 'block-start', index: 4, kind: 'tool-call' },
    { type: 'tool-call-start', index: 0, id: 'a', name: 'f' },
    { type: 'tool-call-delta', index: 0, json: '{}' },
    { type: 'block-end', index: 4 },
  ]);
});
