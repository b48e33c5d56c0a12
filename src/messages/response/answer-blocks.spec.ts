// Guarantee: the events of any turn become blocks in Anthropic's order: one open at a time, indexes without gaps, signatures
// before the end of their block, and no text, thinking or argument lost.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import * as fc from 'fast-check';
import { finish } from '../../../test/support/turn-events.ts';
import type { TurnEvent } from '../../claude-cli/turn/turn.ts';
import { AnswerBlocks, type BlockEvent } from './answer-blocks.ts';

/** The events in short: `+` opens, `-` closes, a delta is its piece. */
function blocksOf(events: readonly TurnEvent[]): string[] {
  const blocks = new AnswerBlocks();
  return [...events, finish()].flatMap((event) => blocks.accept(event)).map(inShort);
}

function inShort(event: BlockEvent): string {
  switch (event.type) {
    case 'content_block_start': {
      const { content_block: block, index } = event;
      return `+${index} ${block.type}${block.type === 'redacted_thinking' ? ` ${block.data}` : ''}`;
    }
    case 'content_block_delta': {
      const { delta, index } = event;
      const piece = 'text' in delta ? delta.text : 'thinking' in delta ? delta.thinking : 'signature' in delta ? `signed ${delta.signature}` : 'partial_json' in delta ? delta.partial_json : '';
      return `${index} ${piece}`;
    } // prettier-ignore
    case 'content_block_stop':
      return `-${event.index}`;
  }
}

const begin = (index: number, kind: 'text' | 'reasoning' | 'tool-call'): TurnEvent => ({
  type: 'block-start',
  index,
  kind,
});
const end = (index: number, signature?: string): TurnEvent => ({
  type: 'block-end',
  index,
  ...(signature !== undefined && { signature }),
});
const text = (piece: string): TurnEvent => ({ type: 'text-delta', text: piece });
const thought = (piece: string): TurnEvent => ({ type: 'reasoning-delta', text: piece });
const call = (index: number): TurnEvent => ({ type: 'tool-call-start', index, id: `toolu_${index}`, name: 'f' });
const json = (index: number, piece: string): TurnEvent => ({ type: 'tool-call-delta', index, json: piece }); // prettier-ignore

test('thinking with its signature, text and calls are blocks of their own', () => {
  const events = [
    begin(0, 'reasoning'), thought('a'), thought('b'), end(0, 'S'), begin(1, 'text'), text('c'), end(1),
    begin(2, 'tool-call'), call(0), json(0, '{}'), end(2), begin(3, 'tool-call'), call(1), end(3),
  ]; // prettier-ignore
  assert.deepEqual(blocksOf(events), [
    '+0 thinking', '0 a', '0 b', '0 signed S', '-0', '+1 text', '1 c', '-1', '+2 tool_use', '2 {}', '-2', '+3 tool_use', '-3',
  ]); // prettier-ignore
});

test('thinking that the provider keeps to itself is a block with its signature alone', () => {
  assert.deepEqual(blocksOf([begin(0, 'reasoning'), end(0, 'S'), text('a')]), ['+0 thinking', '0 signed S', '-0', '+1 text', '1 a', '-1']); // prettier-ignore
});

test('thinking that only the provider can read is a block at once', () => {
  const redacted: TurnEvent = { type: 'block-start', index: 0, kind: 'redacted', data: 'X' };
  assert.deepEqual(blocksOf([redacted, end(0), text('a')]), ['+0 redacted_thinking X', '-0', '+1 text', '1 a', '-1']);
});

test('two blocks of text stay two', () => {
  assert.deepEqual(blocksOf([begin(0, 'text'), text('a'), end(0), begin(1, 'text'), text('b'), end(1)]), ['+0 text', '0 a', '-0', '+1 text', '1 b', '-1']); // prettier-ignore
});

test('what comes without its block opens one, and the next kind closes it', () => {
  assert.deepEqual(blocksOf([thought('a'), text('b'), call(0), json(0, '{"x":'), json(0, '1}')]), ['+0 thinking', '0 a', '-0', '+1 text', '1 b', '-1', '+2 tool_use', '2 {"x":', '2 1}', '-2']); // prettier-ignore
});

test('a block that was announced and of which nothing came is none', () => {
  assert.deepEqual(blocksOf([begin(0, 'text'), end(0), begin(1, 'reasoning'), end(1)]), []);
});

const kinds = fc.constantFrom<TurnEvent>(text('t'), thought('r'), begin(0, 'text'), begin(1, 'reasoning'), end(0), end(1, 'S'), { type: 'block-start', index: 2, kind: 'redacted', data: 'X' }, { type: 'start', model: 'm' }); // prettier-ignore

test('in any order of events one block is open at a time, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 12 }), (events) => {
      const short = blocksOf(events);
      let [next, open] = [0, false];
      for (const event of short) {
        const [, sign, index] = /^([+-]?)(\d+)/.exec(event) ?? [];
        assert.equal(Number(index), next);
        if (sign !== '') assert.equal(open, sign === '-');
        else assert.ok(open);
        if (sign === '+') open = true;
        if (sign !== '-') continue;
        open = false;
        next += 1;
      }
      assert.equal(open, false);
      const pieces = (list: readonly string[]): number => list.filter((event) => /^\d+ [tr]$/.test(event)).length;
      assert.equal(pieces(short), events.filter(({ type }) => type === 'text-delta' || type === 'reasoning-delta').length);
    }),
  );
}); // prettier-ignore
