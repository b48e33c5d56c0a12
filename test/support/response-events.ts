import assert from 'node:assert/strict';
import type { ResponseEvent } from '../../src/responses/response/open-item.ts';
import type { ResponseObject } from '../../src/responses/response/response-object.ts';

/** The events of a stream of the Responses API, each held to its name and number. */
export function responseEvents(raw: string): ResponseEvent[] {
  const events = raw.split('\n\n').filter((event) => event.startsWith('event: '));
  return events.map((event, index) => {
    const [name, data = ''] = event.split('\n');
    const parsed = JSON.parse(data.slice('data: '.length)) as ResponseEvent;
    assert.equal(name, `event: ${parsed.type}`);
    assert.equal(parsed['sequence_number'], index);
    return parsed;
  });
}

/** The response that an event holds whole. */
export function responseOf(event: ResponseEvent | undefined): ResponseObject {
  return event?.['response'] as ResponseObject;
}

/**
 * Asserts that each item is added before anything of it comes and done once, and that the last event holds exactly the items
 * that were done. Returns the response of the last event.
 */
export function assertWholeStream(events: readonly ResponseEvent[]): ResponseObject {
  assert.deepEqual(
    events.slice(0, 2).map(({ type }) => type),
    ['response.created', 'response.in_progress'],
  );
  const open = new Set<string>();
  const done: unknown[] = [];
  for (const event of events) {
    const item = event['item'] as { id: string } | undefined;
    if (event.type === 'response.output_item.added') {
      assert.equal(event['output_index'], done.length);
      open.add(item?.id ?? '');
    } else if (event.type === 'response.output_item.done') {
      assert.ok(open.delete(item?.id ?? ''));
      done.push(item);
    } else if ('item_id' in event) assert.ok(open.has(event['item_id'] as string), event.type);
  }
  const last = responseOf(events.at(-1));
  assert.match(events.at(-1)?.type ?? '', /^response\.(?:completed|incomplete|failed)$/);
  assert.equal(open.size, 0);
  assert.deepEqual(last.output, done);
  return last;
}
