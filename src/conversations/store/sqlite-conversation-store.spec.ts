// Guarantee: what was stored is there whole after any end of the process, only for its tenant, and gone when it is deleted.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { waitFor } from '../../../test/support/wait-for.ts';
import { ConversationFullError } from './conversation-full-error.ts';
import type { NewItem, NewResponse } from './conversation-store.ts';
import { deleteExpired } from './expiry.ts';
import { newConversationId } from './ids.ts';
import { MemoryConversationStore } from './memory-conversation-store.ts';
import { SqliteConversationStore } from './sqlite-conversation-store.ts';
import { SqliteDatabase } from './sqlite-database.ts';

const TIMEOUT_MS = 1_000;
const never = new AbortController().signal;

let directory: string;
let file: string;
let now: number;
const opened: SqliteDatabase[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-test-'));
  file = join(directory, 'data', 'conversations.db');
  now = 1_000_000;
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(): { database: SqliteDatabase; store: SqliteConversationStore } {
  const database = new SqliteDatabase(file);
  opened.push(database);
  return { database, store: new SqliteConversationStore(database, { timeoutMs: TIMEOUT_MS, now: () => now }) };
}

const said = (text: string, role: NewItem['role'] = 'user'): NewItem => ({
  kind: 'message',
  role,
  content: [{ type: 'text', text }],
});
const image = (data: string): NewItem => ({
  kind: 'message',
  role: 'user',
  content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
});
const inFiles = (text: string): boolean =>
  readdirSync(join(directory, 'data')).some((name) => readFileSync(join(directory, 'data', name)).includes(text));

describe('a response', () => {
  const answer = said('one', 'assistant');
  const kept = (id: string, document: string, isNamed = false): NewResponse => ({
    id,
    answerItems: 1,
    isNamed,
    document,
    privateDocument: `private ${document}`,
  });

  test('is stored with its turn as a point of the conversation, for its tenant only, and outlives the process', async () => {
    const { store, database } = open();
    const id = newConversationId();
    await store.create('alice', id, { items: [said('S', 'system'), said('1'), answer], response: kept('r1', 'doc 1') });
    const changed = await store.change('alice', id, {
      items: [said('2'), answer],
      response: kept('r2', 'doc 2', true),
    });
    await database.close();
    const again = open().store;
    const place = { conversationId: id, systemPosition: 1 };
    const { answerItems: _first, ...first } = kept('r1', 'doc 1');
    const { answerItems: _second, ...second } = kept('r2', 'doc 2', true);
    assert.deepEqual(await again.response('alice', 'r1'), { ...first, ...place, answerPosition: 1025, endPosition: 1026, revision: 1 }); // prettier-ignore
    assert.deepEqual(await again.response('alice', 'r2'), { ...second, ...place, answerPosition: 1027, endPosition: 1028, revision: 2 }); // prettier-ignore
    assert.equal(changed?.record.revision, 2);
    assert.equal(await again.response('bob', 'r1'), undefined);
    assert.equal(await again.deleteResponse('bob', 'r1'), false);
  });

  test('goes with its conversation: when that is deleted, and when it expires', async () => {
    const { store } = open();
    for (const end of ['deleted', 'expired']) {
      const id = newConversationId();
      await store.create('alice', id, { items: [said('1'), answer], response: kept(`r ${end}`, 'doc') });
      if (end === 'deleted') await store.delete('alice', id);
      else now += TIMEOUT_MS;
      assert.equal(await store.response('alice', `r ${end}`), undefined);
      assert.equal(await store.deleteResponse('alice', `r ${end}`), false);
    }
  });

  test('takes a conversation that nobody named with it when it is the last, and nothing of it is left in the files', async () => {
    const { store, database } = open();
    const [own, named] = [newConversationId(), newConversationId()];
    await store.create('alice', own, { items: [said('SECRET'), answer], response: kept('r1', 'HIDDEN') });
    await store.change('alice', own, { items: [said('2'), answer], response: kept('r2', 'doc') });
    await store.create('alice', named, { items: [said('1'), answer], response: kept('r3', 'doc', true) });
    for (const id of ['r1', 'r2', 'r3']) assert.equal(await store.deleteResponse('alice', id), true);
    await database.scrub();
    assert.equal(await store.get('alice', own), undefined);
    assert.ok(await store.get('alice', named));
    assert.ok(!inFiles('SECRET') && !inFiles('HIDDEN'));
  });

  test('counts in the size of its conversation', async () => {
    const database = new SqliteDatabase(file);
    opened.push(database);
    const store = new SqliteConversationStore(database, { timeoutMs: TIMEOUT_MS, maxConversationMegabytes: 0.001 });
    const id = newConversationId();
    await store.create('alice', id, { items: [said('1'), answer], response: kept('r1', 'd'.repeat(400), true) });
    await assert.rejects(store.change('alice', id, { items: [said('x'.repeat(300))] }), ConversationFullError);
    await store.deleteResponse('alice', 'r1');
    assert.ok(await store.change('alice', id, { items: [said('x'.repeat(300))] }));
  });
});

describe('what is stored', () => {
  test('is written before the file is closed', async () => {
    const id = newConversationId();
    const { store, database } = open();
    const creating = store.create('alice', id, { items: [said('hello')] });
    await database.close();
    const { record } = await creating;
    assert.deepEqual(await open().store.get('alice', id), record);
  });

  test('is there once for each of many that come at the same moment', async () => {
    const { store } = open();
    const ids = Array.from({ length: 50 }, newConversationId);
    await Promise.all(ids.map((id, index) => store.create('alice', id, { items: [said(`number ${index}`)] })));
    for (const [index, id] of ids.entries()) {
      const history = await open().store.history('alice', id, 0);
      assert.deepEqual(history.map(({ content }) => content), [[{ type: 'text', text: `number ${index}` }]]); // prettier-ignore
    }
  });

  test('is the same after the file was opened again', async () => {
    const id = newConversationId();
    const items = [said('Be brief.', 'system'), said('hello'), said('hi', 'assistant'), image('A'.repeat(5_000))];
    const created = await open().store.create('alice', id, { items, metadata: { a: 'b' }, model: 'sonnet' });
    const { store } = open();
    assert.deepEqual(await store.get('alice', id), created.record);
    const history = await store.history('alice', id, 0);
    assert.deepEqual(
      history.map(({ kind, role, content }) => ({ kind, role, content })),
      items,
    );
    assert.deepEqual(history, created.items);
  });

  test('can be read by nobody but the owner of the process', async () => {
    await open().store.create('alice', newConversationId(), {});
    assert.equal(statSync(join(directory, 'data')).mode & 0o777, 0o700);
    for (const name of readdirSync(join(directory, 'data')))
      assert.equal(statSync(join(directory, 'data', name)).mode & 0o777, 0o600, name);
  });

  test('is there for its tenant only, for any way of asking', async () => {
    const { store } = open();
    const id = newConversationId();
    const { items } = await store.create('alice', id, { items: [said('secret')] });
    const page = { limit: 10, order: 'asc' } as const;
    assert.equal(await store.get('bob', id), undefined);
    assert.equal(await store.change('bob', id, { items: [said('mine')] }), undefined);
    assert.equal(await store.delete('bob', id), false);
    assert.deepEqual(await store.history('bob', id, 0), []);
    assert.equal(await store.items('bob', id, page), undefined);
    assert.equal(await store.item('bob', id, items[0]!.id), undefined);
    assert.equal(await store.deleteItem('bob', id, items[0]!.id), false);
    assert.deepEqual((await store.list('bob', page))?.data, []);
    assert.equal((await store.history('alice', id, 0)).length, 1);
  });

  test('is what it was when a change fails in the middle', async () => {
    const { store } = open();
    const id = newConversationId();
    await store.create('alice', id, { items: [said('one')] });
    const broken = { ...said('three'), role: null } as unknown as NewItem;
    await assert.rejects(store.change('alice', id, { items: [said('two'), broken] }));
    assert.deepEqual(
      (await store.history('alice', id, 0)).map(({ content }) => content),
      [said('one').content],
    );
    assert.equal((await store.change('alice', id, { items: [said('four')] }))?.record.messageCount, 2);
  });

  test('has its large texts once for each tenant, as long as anything holds them', async () => {
    const { store } = open();
    const picture = 'P'.repeat(100_000);
    const ids = [newConversationId(), newConversationId()];
    for (const id of ids) await store.create('alice', id, { items: [image(picture), image(picture)] });
    await store.create('bob', newConversationId(), { items: [image(picture)] });
    const reader = new DatabaseSync(file);
    const counts = (): unknown[] =>
      reader.prepare('SELECT tenant, uses FROM blobs ORDER BY tenant').all().map((row) => ({ ...row })); // prettier-ignore
    assert.deepEqual(counts(), [{ tenant: 'alice', uses: 4 }, { tenant: 'bob', uses: 1 }]); // prettier-ignore
    await store.delete('alice', ids[0]!);
    assert.deepEqual(await store.history('alice', ids[1]!, 0).then((items) => items.map(({ content }) => content)), [
      image(picture).content,
      image(picture).content,
    ]);
    await store.delete('alice', ids[1]!);
    assert.deepEqual(counts(), [{ tenant: 'bob', uses: 1 }]);
    reader.close();
  });

  test('gets new system texts in place of the old ones, before everything that was said', async () => {
    const { store } = open();
    const id = newConversationId();
    await store.create('alice', id, { items: [said('one', 'system'), said('hello')] });
    const changed = await store.change('alice', id, { items: [said('hi', 'assistant'), said('two', 'system')], replacesSystem: true });
    assert.equal(changed?.record.messageCount, 3);
    const history = await store.history('alice', id, 0);
    assert.deepEqual(history.map(({ role }) => role), ['system', 'user', 'assistant']);
    assert.deepEqual(history[0]?.content, said('two').content);
  }); // prettier-ignore
});

describe('a conversation that is full', () => {
  const full = { name: 'ConversationFullError' };
  const texts = async (store: SqliteConversationStore, tenant: string, id: string): Promise<unknown[]> =>
    (await store.history(tenant, id, 0)).map(({ content }) => content);

  test('takes no further item, and never the place of another conversation', async () => {
    const { store, database } = open();
    const [id, next] = [newConversationId(), newConversationId()];
    await store.create('alice', id, { items: [said('first')] });
    await store.create('bob', next, { items: [said('Be brief.', 'system'), said('hello')] });
    database.transaction(() =>
      database.statement('UPDATE conversations SET next_position = ? WHERE id = ?').run(2 ** 20 - 1, id),
    );
    await assert.rejects(store.change('alice', id, { items: [said('last'), said('beyond')] }), full);
    const { items } = (await store.change('alice', id, { items: [said('last')] }))!;
    await assert.rejects(store.change('alice', id, { items: [said('beyond')] }), full);
    assert.deepEqual(await texts(store, 'alice', id), [said('first').content, said('last').content]);
    assert.deepEqual((await store.item('alice', id, items[0]!.id))?.content, said('last').content);
    await store.delete('alice', id);
    assert.deepEqual(await texts(store, 'bob', next), [said('Be brief.').content, said('hello').content]);
  });

  test('takes no system text in the place of what was said, but others in place of those it has', async () => {
    const { store } = open();
    const id = newConversationId();
    const system = (count: number): NewItem[] => Array.from({ length: count }, () => said('Be brief.', 'system'));
    await store.create('alice', id, { items: [...system(1024), said('hello')] });
    await assert.rejects(store.change('alice', id, { items: system(1) }), full);
    await assert.rejects(store.create('alice', newConversationId(), { items: system(1025) }), full);
    await store.change('alice', id, { items: system(1), replacesSystem: true });
    assert.equal((await store.get('alice', id))?.messageCount, 2);
  });

  test('takes nothing beyond its size, and has room again when something was deleted', async () => {
    const database = new SqliteDatabase(file);
    opened.push(database);
    const store = new SqliteConversationStore(database, {
      timeoutMs: TIMEOUT_MS,
      now: () => now,
      maxConversationMegabytes: 1,
    });
    const [id, other] = [newConversationId(), newConversationId()];
    const [large, long] = [image('P'.repeat(600_000)), said('é'.repeat(300_000), 'system')];
    const { items } = await store.create('alice', id, { items: [large] });
    // The same picture is on disk once, and in memory as often as it is read.
    for (const more of [large, long]) await assert.rejects(store.change('alice', id, { items: [more] }), full);
    await assert.rejects(store.create('alice', other, { items: [large, long] }), full);
    assert.equal(await store.get('alice', other), undefined);
    assert.deepEqual(await texts(store, 'alice', id), [large.content]);
    assert.ok(await store.change('alice', id, { metadata: { still: 'changed' } }));
    await store.deleteItem('alice', id, items[0]!.id);
    await store.change('alice', id, { items: [long] });
    await assert.rejects(store.change('alice', id, { items: [large] }), full);
    await store.change('alice', id, { items: [said('Be brief.', 'system'), large], replacesSystem: true });
    assert.deepEqual(await texts(store, 'alice', id), [said('Be brief.').content, large.content]);
  });

  test('is known to be before a turn, and takes the answer to a turn that it had room for', async () => {
    const database = new SqliteDatabase(file);
    opened.push(database);
    const store = new SqliteConversationStore(database, { timeoutMs: TIMEOUT_MS, now: () => now, maxConversationMegabytes: 1 });
    const id = newConversationId();
    const at = { tenant: 'alice', id };
    const sized = (bytes: number, role: NewItem['role'] = 'user'): NewItem => said('x'.repeat(bytes), role);
    await store.assertRoom({ items: [sized(1_000_000)] });
    for (const items of [[sized(1_048_576)], [sized(500_000), sized(600_000, 'system')], [said('\u0001'.repeat(2_000)), sized(1_040_000)]])
      await assert.rejects(store.assertRoom({ items }), full);
    await store.create('alice', id, { items: [sized(600_000), sized(300_000, 'system')] });
    await store.assertRoom({ items: [sized(100_000)] }, at);
    await store.assertRoom({ items: [sized(400_000, 'system')], replacesSystem: true }, at);
    await assert.rejects(store.assertRoom({ items: [sized(200_000)] }, at), full);
    await assert.rejects(store.assertRoom({ items: [sized(500_000, 'system')], replacesSystem: true }, at), full);
    // What is asked and what is stored agree to the byte.
    const { bytes } = database.use(() => database.statement('SELECT bytes FROM conversations').get()) as { bytes: number };
    const left = 1_048_576 - bytes - JSON.stringify(said('').content).length;
    await store.assertRoom({ items: [sized(left)] }, at);
    await assert.rejects(store.assertRoom({ items: [sized(left + 1)] }, at), full);
    await assert.rejects(store.change('alice', id, { items: [sized(left + 1)] }), full);
    await store.change('alice', id, { items: [sized(left), sized(2_000_000, 'assistant')], isAdmitted: true });
    await assert.rejects(store.assertRoom({ items: [said('more')] }, at), full);
    database.transaction(() => database.statement('UPDATE conversations SET bytes = 0, next_position = ?').run(2 ** 20 - 1_000));
    await assert.rejects(store.assertRoom({ items: [said('more')] }, at), full);
    await store.assertRoom({ items: [said('more')] }, { tenant: 'bob', id });
  }); // prettier-ignore

  test('counts what an earlier version has stored', async () => {
    const first = open();
    const ids = [newConversationId(), newConversationId()];
    for (const id of ids)
      await first.store.create('alice', id, { items: [said('é'), image('P'.repeat(5_000)), image('Q'.repeat(3_000))] });
    const sizes = ({ database }: typeof first, table: string): number[] =>
      database.use(() => database.statement(`SELECT bytes FROM ${table}`).all().map((row) => Number(row['bytes']))); // prettier-ignore
    const before = ['items', 'conversations'].map((table) => sizes(first, table));
    await first.database.close();
    const earlier = new DatabaseSync(file);
    earlier.exec(
      'DROP TABLE responses; ALTER TABLE items DROP COLUMN bytes; ALTER TABLE conversations DROP COLUMN bytes; PRAGMA user_version = 1',
    );
    earlier.close();
    const second = open();
    assert.equal((await second.store.history('alice', ids[1]!, 0)).length, 3);
    const after = ['items', 'conversations'].map((table) => sizes(second, table));
    assert.deepEqual(after, before);
    assert.ok(before[1]!.every((bytes) => bytes > 8_000));
  });

  test('holds up nothing that is written at the same moment', async () => {
    const { store } = open();
    const ids = [newConversationId(), newConversationId()];
    const system = Array.from({ length: 1025 }, () => said('Be brief.', 'system'));
    const [refused, created] = await Promise.allSettled([
      store.create('alice', ids[0]!, { items: system }),
      store.create('alice', ids[1]!, { items: [said('hello')] }),
    ]);
    assert.deepEqual([refused.status, created.status], ['rejected', 'fulfilled']);
    assert.equal(await store.get('alice', ids[0]!), undefined);
    assert.deepEqual(await texts(store, 'alice', ids[1]!), [said('hello').content]);
  });
});

describe('a page of items', () => {
  test('ends before it is too large, with at least one item, and the next goes on', async () => {
    const { store } = open();
    const id = newConversationId();
    const sizes = [1, 20, 11, 40, 1, 1];
    const items = sizes.map((megabytes, index) => image(String(index).repeat(megabytes * 1024 * 1024 - 1_000)));
    await store.create('alice', id, { items });
    for (const [order, expected] of [['asc', [3, 1, 2]], ['desc', [2, 1, 3]]] as const) {
      const counts: number[] = [];
      for (let after: string | undefined; ; ) {
        const page = (await store.items('alice', id, { limit: 10, order, ...(after !== undefined && { after }) }))!;
        counts.push(page.data.length);
        after = page.data.at(-1)?.id;
        if (!page.hasMore) break;
      }
      assert.deepEqual(counts, expected);
    }
  }); // prettier-ignore
});

describe('what is deleted', () => {
  test('is nowhere in the files any more, large texts included', async () => {
    const { store, database } = open();
    const [gone, stays] = [newConversationId(), newConversationId()];
    const marker = 'M'.repeat(3_000);
    await store.create('alice', gone, {
      items: [said('the-secret-words'), image(marker)],
      metadata: { k: 'secret-meta' },
    });
    await store.create('alice', stays, { items: [said('what-is-kept')] });
    assert.ok(inFiles('the-secret-words') && inFiles(marker));
    assert.equal(await store.delete('alice', gone), true);
    await database.scrub();
    for (const text of ['the-secret-words', marker, 'secret-meta', gone]) assert.equal(inFiles(text), false, text);
    assert.ok(inFiles('what-is-kept'));
  });

  test('can be one item', async () => {
    const { store, database } = open();
    const id = newConversationId();
    const { items } = await store.create('alice', id, { items: [said('first-words'), said('second-words')] });
    assert.equal(await store.deleteItem('alice', id, items[0]!.id), true);
    await database.scrub();
    assert.equal(inFiles('first-words'), false);
    assert.equal((await store.get('alice', id))?.messageCount, 1);
    assert.equal(await store.deleteItem('alice', id, items[0]!.id), false);
  });
});

describe('expiry', () => {
  test('counts from the last use; what has expired is not there, and is deleted physically', async () => {
    const { store, database } = open();
    const [idle, used] = [newConversationId(), newConversationId()];
    for (const id of [idle, used]) await store.create('alice', id, { items: [said(`words of ${id}`)] });
    now += TIMEOUT_MS - 1;
    await store.change('alice', used, {});
    now += 1;
    assert.equal(await store.get('alice', idle), undefined);
    assert.deepEqual(
      (await store.list('alice', { limit: 5, order: 'desc' }))?.data.map(({ id }) => id),
      [used],
    );
    assert.ok(inFiles(`words of ${idle}`));
    assert.equal(await deleteExpired(store, database, never), 1);
    assert.equal(inFiles(idle), false);
    assert.ok(await store.get('alice', used));
  });

  test('of very many gives everything else its turn in between, and the room back', async () => {
    const { store, database } = open();
    for (let index = 0; index < 2_000; index += 1)
      await store.create('alice', newConversationId(), { items: [said('some words '.repeat(50))] });
    await waitFor('the log to be written into the file', () => statSync(file).size > 1_000_000);
    const before = statSync(file).size;
    now += TIMEOUT_MS;
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    assert.equal(await deleteExpired(store, database, never), 2_000);
    isOver = true;
    assert.ok(turns > 2_000 / 64, `${turns} turns`);
    assert.ok(statSync(file).size < before / 5, `${statSync(file).size} of ${before} bytes`);
  });

  test('does not take away a conversation whose turn may still run', async () => {
    const database = new SqliteDatabase(file);
    opened.push(database);
    const store = new SqliteConversationStore(database, { timeoutMs: TIMEOUT_MS, graceMs: 500, now: () => now });
    const id = newConversationId();
    await store.create('alice', id, {});
    now += TIMEOUT_MS + 499;
    assert.equal(await deleteExpired(store, database, never), 0);
    assert.ok(await store.change('alice', id, { items: [said('late')] }));
    assert.ok(await store.get('alice', id));
  });
});

describe('a storage that cannot be used', () => {
  const storageError = (problem: string) => (error: unknown) =>
    error instanceof Error && error.name === 'StorageUnavailableError' && (error as { problem?: string }).problem === problem; // prettier-ignore

  test('says that the file is damaged, and leaves it as it is', async () => {
    mkdirSync(join(directory, 'data'));
    writeFileSync(file, 'this is no database'.repeat(1_000));
    const { store, database } = open();
    await assert.rejects(store.get('alice', newConversationId()), storageError('damaged'));
    await assert.rejects(store.create('alice', newConversationId(), {}), storageError('damaged'));
    assert.equal(database.problem?.problem, 'damaged');
    assert.ok(readFileSync(file, 'utf8').startsWith('this is no database'));
  });

  test('says when a file is damaged further down', async () => {
    const first = open();
    const id = newConversationId();
    await first.store.create('alice', id, { items: [said('hello'), image('I'.repeat(100_000))] });
    await first.database.scrub();
    await first.database.close();
    const content = readFileSync(file);
    writeFileSync(file, content.fill(0xa5, 4096));
    await assert.rejects(open().store.get('alice', id), storageError('damaged'));
  });

  test('says when there is no room, keeps what there is, and works again when there is', async () => {
    const { store, database } = open();
    const id = newConversationId();
    await store.create('alice', id, { items: [said('kept')] });
    const pages = database.use(() => Number(database.statement('PRAGMA page_count').get()?.['page_count']));
    database.use(() => database.statement(`PRAGMA max_page_count = ${pages}`).get());
    const large = [image('L'.repeat(200_000))];
    await assert.rejects(store.change('alice', id, { items: [said('lost'), ...large] }), storageError('full'));
    assert.equal(database.problem?.problem, 'full');
    assert.deepEqual(
      (await store.history('alice', id, 0)).map(({ content }) => content),
      [said('kept').content],
    );
    assert.equal(database.problem?.problem, 'full', 'reading does not show that there is room');
    database.use(() => database.statement('PRAGMA max_page_count = 100000').get());
    assert.ok(await store.change('alice', id, { items: large }));
    assert.equal(database.problem, undefined);
  });

  test('says so where there is no directory to be', async () => {
    writeFileSync(join(directory, 'data'), 'a file');
    await assert.rejects(open().store.get('alice', newConversationId()), storageError('unusable'));
  });

  test('leaves a file alone that a later version has written', async () => {
    const first = open();
    await first.store.create('alice', newConversationId(), {});
    await first.database.close();
    const other = new DatabaseSync(file);
    other.exec('PRAGMA user_version = 99');
    other.close();
    await assert.rejects(open().store.create('alice', newConversationId(), {}), storageError('unusable'));
  });
});

describe('in memory', () => {
  test('those that were used last stay, within a number and a size', async () => {
    const store = new MemoryConversationStore({
      timeoutMs: TIMEOUT_MS,
      maxCount: 3,
      maxBytes: 2_000_000,
      now: () => (now += 1),
    });
    const ids = Array.from({ length: 4 }, newConversationId);
    for (const id of ids.slice(0, 3)) await store.create('alice', id, {});
    await store.change('alice', ids[0]!, {});
    await store.create('alice', ids[3]!, {});
    const present = async (): Promise<number[]> => {
      const records = await Promise.all(ids.map((id) => store.get('alice', id)));
      return records.flatMap((record, index) => (record ? [index] : []));
    };
    assert.deepEqual(await present(), [0, 2, 3]);
    await store.change('alice', ids[2]!, { items: [image('X'.repeat(1_500_000))] });
    assert.deepEqual(await present(), [0, 2, 3]);
    await store.change('alice', ids[3]!, { items: [image('Y'.repeat(1_500_000))] });
    assert.deepEqual(await present(), [3]);
  });

  for (const [what, bounds, itemOf] of [
    ['number', { maxCount: 4, maxBytes: 100_000_000 }, (_index: number) => said('x')],
    ['size', { maxCount: 100, maxBytes: 2_000_000 }, (index: number) => image(`${index}`.padEnd(400_000, 'X'))],
  ] as const) {
    test(`no tenant takes the place of another that holds less, by ${what}`, async () => {
      const store = new MemoryConversationStore({ timeoutMs: TIMEOUT_MS, ...bounds, now: () => (now += 0.001) });
      const create = async (tenant: string, index: number): Promise<string> => {
        const id = newConversationId();
        await store.create(tenant, id, { items: [itemOf(index)] });
        return id;
      };
      const own = await create('alice', 0);
      const flood: string[] = [];
      for (let index = 0; index < 20; index += 1) flood.push(await create('bob', index));
      assert.ok(await store.get('alice', own));
      const kept = await Promise.all(flood.map((id) => store.get('bob', id)));
      const count = kept.filter(Boolean).length;
      assert.ok(count >= 2 && count < 5, String(count));
      // The newest stay.
      assert.ok(kept.slice(-count).every(Boolean));
    });
  }

  test('one that has expired is there for a turn that still runs', async () => {
    const store = new MemoryConversationStore({
      timeoutMs: TIMEOUT_MS,
      graceMs: 500,
      maxCount: 3,
      maxBytes: 1_000_000,
      now: () => now,
    });
    const id = newConversationId();
    await store.create('alice', id, {});
    now += TIMEOUT_MS + 100;
    assert.equal(await store.sweep(never), 0);
    assert.equal(await store.get('alice', id), undefined);
    assert.ok(await store.change('alice', id, { items: [said('the answer')] }));
    now += TIMEOUT_MS + 500;
    assert.equal(await store.sweep(never), 1);
  });

  test('nothing is written anywhere', async () => {
    const store = new MemoryConversationStore({ timeoutMs: TIMEOUT_MS, maxCount: 3, maxBytes: 1_000_000 });
    await store.create('alice', newConversationId(), { items: [said('fleeting')] });
    assert.deepEqual([...readdirSync(directory)], []);
  });
});
