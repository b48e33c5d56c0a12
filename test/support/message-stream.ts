import assert from 'node:assert/strict';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';

/** The events of a stream of Anthropic's; asserts that each is named as its data says. */
export function messageEvents(raw: string): RawMessageStreamEvent[] {
  return raw
    .split('\n\n')
    .filter((event) => event !== '' && !event.startsWith(':'))
    .map((event) => {
      const [, name, data] = /^event: (\S+)\ndata: ([^\n]*)$/.exec(event) ?? [];
      assert.ok(data !== undefined, event);
      const parsed = JSON.parse(data) as RawMessageStreamEvent;
      assert.equal(parsed.type, name);
      return parsed;
    });
}

/**
 * The blocks of a complete stream. Asserts the order of its events: blocks one after the other, their indexes without gaps,
 * each delta in its own kind of block.
 */
export function streamedBlocks(events: readonly RawMessageStreamEvent[]): Record<string, unknown>[] {
  const types = events.map(({ type }) => type);
  assert.deepEqual([types[0], ...types.slice(-2)], ['message_start', 'message_delta', 'message_stop']);
  const blocks: Record<string, unknown>[] = [];
  let open: { kind: string; json: string } | undefined;
  for (const event of events.slice(1, -2)) {
    switch (event.type) {
      case 'content_block_start':
        assert.deepEqual([event.index, open], [blocks.length, undefined]);
        blocks.push({ ...event.content_block });
        open = { kind: event.content_block.type, json: '' };
        break;
      case 'content_block_delta': {
        assert.equal(event.index, blocks.length - 1);
        const { delta } = event;
        const kind = { text_delta: 'text', thinking_delta: 'thinking', signature_delta: 'thinking', input_json_delta: 'tool_use', citations_delta: '' }[delta.type];
        assert.equal(open?.kind, kind);
        const block = blocks.at(-1)!;
        const append = (field: string, piece: string): unknown => (block[field] = `${String(block[field])}${piece}`);
        if (delta.type === 'text_delta') append('text', delta.text);
        else if (delta.type === 'thinking_delta') append('thinking', delta.thinking);
        else if (delta.type === 'signature_delta') append('signature', delta.signature);
        else if (delta.type === 'input_json_delta') open.json += delta.partial_json;
        break;
      } // prettier-ignore
      case 'content_block_stop':
        assert.deepEqual([event.index, open === undefined], [blocks.length - 1, false]);
        if (open?.json) blocks.at(-1)!['input'] = JSON.parse(open.json);
        open = undefined;
        break;
      default:
        assert.fail(`a ${event.type} among the blocks`);
    }
  }
  assert.equal(open, undefined);
  return blocks;
}
