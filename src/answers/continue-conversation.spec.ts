// Guarantee: a request that goes on with a conversation is answered after exactly what the conversation holds, and adds to it
// exactly what is new, whether or not the client says the old again.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { AssistantBlock, ConversationMessage, UserBlock } from '../claude-cli/turn/turn.ts';
import type { NewItem, StoredItem } from '../conversations/store/conversation-store.ts';
import { systemItems, toItems } from '../conversations/to-items.ts';
import { UnansweredCallsError } from '../turns/messages/arrange-messages.ts';
import type { Draft, MessageSource } from '../turns/messages/message-source.ts';
import { continueConversation, type ContinuedMessages, type HeldConversation } from './continue-conversation.ts';

const MODEL = 'claude-a';
const FIRST = 1024;

/** A message as a client gives it: texts, calls by their id, results by the id of their call. */
interface Given {
  readonly role: 'user' | 'assistant';
  readonly texts?: readonly string[];
  readonly calls?: readonly string[];
  readonly results?: readonly string[];
}

const user = (...texts: string[]): Given => ({ role: 'user', texts });
const assistant = (...texts: string[]): Given => ({ role: 'assistant', texts });
const calls = (...ids: string[]): Given => ({ role: 'assistant', calls: ids });
const results = (...ids: string[]): Given => ({ role: 'user', results: ids });

/** The messages of an API of this test's own. */
function sourceOf(given: readonly Given[], system: readonly string[] = []): MessageSource {
  return {
    length: given.length,
    system,
    draft: (index, ledger): Draft | undefined => {
      const message = given[index];
      if (!message) return undefined;
      const texts = (message.texts ?? []).map((text) => ({ type: 'text' as const, text }));
      if (message.role === 'assistant') {
        const made = (message.calls ?? []).map((clientId) =>
          ledger.add({ clientId, name: 'f', json: '{}', isLegacy: false, place: { message: index, path: `${index}` } }),
        );
        return { role: 'assistant', content: [...texts, ...made] };
      }
      const answered = (message.results ?? []).flatMap((clientId): UserBlock[] => {
        const id = ledger.answer(clientId);
        return id === undefined ? [{ type: 'text', text: `result of ${clientId}` }] : [result(id)];
      });
      return { role: 'user', content: [...texts, ...answered] };
    },
  };
}

const text = (value: string): { type: 'text'; text: string } => ({ type: 'text', text: value });
const result = (id: string): UserBlock => ({ type: 'tool_result', tool_use_id: id, content: 'r' });
const call = (id: string): AssistantBlock => ({ type: 'tool_use', id, name: 'f', input: {} });
const missing = (id: string): UserBlock => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'No result was given for this call.',
  is_error: true,
});
const said = (...blocks: UserBlock[]): ConversationMessage => ({ role: 'user', content: blocks });
const answer = (...blocks: AssistantBlock[]): ConversationMessage => ({ role: 'assistant', content: blocks });

/** Messages as the storage gives them back. */
function stored(messages: readonly ConversationMessage[], system: readonly string[] = []): StoredItem[] {
  const spoken = messages.flatMap((message) => toItems(message, message.role === 'assistant' ? MODEL : undefined));
  const placed = (items: readonly NewItem[], first: number): StoredItem[] =>
    items.map((item, index) => ({ ...item, id: `item_${first + index}`, position: first + index }));
  return [...placed(systemItems(system), 0), ...placed(spoken, FIRST)];
}

function held(items: readonly StoredItem[], more: Partial<HeldConversation> = {}): HeldConversation {
  return { items, historyStart: FIRST, droppedMessages: 0, maxMessages: 100, ...more };
}

const goOn = (
  given: readonly Given[],
  conversation: HeldConversation,
  system: readonly string[] = [],
): ContinuedMessages => continueConversation(sourceOf(given, system), conversation, MODEL);

const PAST = [said(text('one')), answer(text('two'))];
const NOTHING_DROPPED = { historyStart: FIRST, droppedMessages: 0, system: undefined };

test('what is new comes after what is held', () => {
  assert.deepEqual(goOn([user('three')], held(stored(PAST))), {
    system: [],
    history: PAST,
    message: said(text('three')),
    continuation: { ...NOTHING_DROPPED, added: [said(text('three'))] },
  });
});

test('what the client says again is not said twice, and only the rest is added', () => {
  const again = [user('one'), assistant('two'), user('three'), assistant('four'), user('five')];
  const { history, message, continuation } = goOn(again, held(stored(PAST)));
  const added = [said(text('three')), answer(text('four')), said(text('five'))];
  assert.deepEqual([...history, message], [...PAST, ...added]);
  assert.deepEqual(continuation.added, added);
});

test('what says only a part of it, or something else, comes after all of it', () => {
  for (const given of [[user('one')], [user('edited'), assistant('two'), user('three')]]) {
    const { history, message, continuation } = goOn(given, held(stored(PAST)));
    assert.deepEqual([...history, message], [...PAST, ...continuation.added]);
    assert.equal(continuation.added.length, given.length);
  }
});

test('a conversation of system texts only begins with the request', () => {
  const { system, history, message, continuation } = goOn([user('one')], held(stored([], ['S'])));
  assert.deepEqual([system, history, message], [['S'], [], said(text('one'))]);
  assert.deepEqual(continuation, { ...NOTHING_DROPPED, added: [said(text('one'))] });
});

test('the system texts of the request count where it has any, and are new only where they are others', () => {
  const conversation = held(stored(PAST, ['a', 'b']));
  const told = (system: string[]): unknown[] => {
    const continued = goOn([user('x')], conversation, system);
    return [continued.system, continued.continuation.system];
  };
  assert.deepEqual(told([]), [['a', 'b'], undefined]);
  assert.deepEqual(told(['a', 'b']), [['a', 'b'], undefined]);
  assert.deepEqual(told(['b', 'a']), [
    ['b', 'a'],
    ['b', 'a'],
  ]);
  assert.deepEqual(told(['ab']), [['ab'], ['ab']]);
});

test('a result of a held call stands before what the user says with it', () => {
  const past = [said(text('one')), answer(call('a'))];
  const { message, continuation } = goOn([user('well'), results('a')], held(stored(past)));
  assert.deepEqual(message, said(result('a'), text('well')));
  assert.deepEqual(continuation.added, [message]);
});

test('a result that completes a held message adds only itself', () => {
  const past = [said(text('one')), answer(call('a'), call('b')), said(result('a'))];
  const { history, message, continuation } = goOn([results('b'), user('well')], held(stored(past)));
  assert.deepEqual(history, past.slice(0, 2));
  assert.deepEqual(message, said(result('a'), result('b'), text('well')));
  assert.deepEqual(continuation.added, [said(result('b'), text('well'))]);
});

test('a result before words that are held already is sent first, and only the result is added', () => {
  const past = [said(text('one')), answer(call('a'), call('b')), said(result('a'), text('wait'))];
  const { message, continuation } = goOn([results('b')], held(stored(past)));
  assert.deepEqual(message, said(result('a'), result('b'), text('wait')));
  assert.deepEqual(continuation.added, [said(result('b'))]);
});

test('a held call that gets no result is told to have none, and that is added', () => {
  const past = [said(text('one')), answer(call('a'), call('b'))];
  const { message, continuation } = goOn([results('b'), user('go on')], held(stored(past)));
  assert.deepEqual(message, said(result('b'), missing('a'), text('go on')));
  assert.deepEqual(continuation.added, [message]);
});

test('a request that adds nothing to open calls has nothing to be answered', () => {
  const past = [said(text('one')), answer(call('a'))];
  assert.throws(
    () => goOn([user('one'), calls('a')], held(stored(past))),
    (error) => error instanceof UnansweredCallsError && error.calls[0]?.modelId === 'a',
  );
});

test('a result of a call that was answered before is told in words', () => {
  const past = [said(text('one')), answer(call('a')), said(result('a')), answer(text('two'))];
  assert.deepEqual(goOn([results('a')], held(stored(past))).message, said(text('result of a')));
});

test('a new call of an id that is held gets another one, and its own result', () => {
  const past = [said(text('one')), answer(call('a')), said(result('a')), answer(text('two'))];
  const { history, message } = goOn([user('again'), calls('a'), results('a')], held(stored(past)));
  assert.deepEqual([history.at(-1), message], [answer(call('a-2')), said(result('a-2'))]);
});

test('words of the assistant continue a held answer, of which only these are added', () => {
  const { history, message, continuation } = goOn([assistant('and'), user('x')], held(stored(PAST)));
  assert.deepEqual(history, [PAST[0], answer(text('two'), text('and'))]);
  assert.deepEqual(continuation.added, [answer(text('and')), message]);
});

test('thinking is given back to the model that thought it, and to no other', () => {
  const thinking = { type: 'thinking' as const, thinking: 'hm', signature: 's' };
  const past = [said(text('one')), answer(thinking, text('two'))];
  const historyFor = (thinker: string | undefined): unknown =>
    continueConversation(sourceOf([user('x')]), held(stored(past)), thinker).history;
  assert.deepEqual(historyFor(MODEL), past);
  for (const thinker of [undefined, 'claude-b']) assert.deepEqual(historyFor(thinker), PAST);
});

test('a conversation that begins with an answer gets a message before it, which is not stored', () => {
  const { history, continuation } = goOn([user('x')], held(stored([answer(text('hello'))])));
  assert.deepEqual(history, [said(text('(no content)')), answer(text('hello'))]);
  assert.deepEqual(continuation, { ...NOTHING_DROPPED, added: [said(text('x'))] });
});

/** So many turns of a question and its answer: `q0`, `a0`, `q1`, ... */
const turns = (count: number): ConversationMessage[] =>
  Array.from({ length: count }, (_value, index) => [said(text(`q${index}`)), answer(text(`a${index}`))]).flat();
const retold = (count: number): Given[] =>
  Array.from({ length: count }, (_value, index) => [user(`q${index}`), assistant(`a${index}`)]).flat();

test('a long conversation is sent from a turn of the user on, and counts what it leaves out', () => {
  const past = turns(5);
  const { history, message, continuation } = goOn([user('x')], held(stored(past), { maxMessages: 10 }));
  assert.deepEqual([...history, message], [...past.slice(6), said(text('x'))]);
  assert.deepEqual(continuation, {
    added: [said(text('x'))],
    system: undefined,
    historyStart: FIRST + 6,
    droppedMessages: 6,
  });
});

test('what was left out before stays out and is counted on', () => {
  const past = turns(8);
  const conversation = { historyStart: FIRST + 6, droppedMessages: 6, maxMessages: 10 };
  const { history, continuation } = goOn([user('x')], held(stored(past), conversation));
  assert.deepEqual(history, past.slice(12));
  assert.deepEqual([continuation.historyStart, continuation.droppedMessages], [FIRST + 12, 12]);
});

test('a client that says all of a long conversation again is answered as one that does not', () => {
  const past = turns(5);
  const conversation = { historyStart: FIRST + 6, droppedMessages: 6 };
  const without = goOn([user('x')], held(stored(past).slice(6), conversation));
  assert.deepEqual(goOn([...retold(5), user('x')], held(stored(past), conversation)), without);
  assert.deepEqual(without.history, past.slice(6));
});

test('the same where the answer before what is sent was deleted, so that two questions of the user meet', () => {
  const conversation = { historyStart: FIRST + 6, droppedMessages: 6 };
  const items = stored(turns(5)).filter(({ position }) => position !== FIRST + 5);
  const sent = items.filter(({ position }) => position >= conversation.historyStart);
  const again = [...retold(5).slice(0, 5), ...retold(5).slice(6), user('x')];
  const without = goOn([user('x')], held(sent, conversation));
  assert.deepEqual(goOn(again, held(items, conversation)), without);
  assert.deepEqual(without.history, turns(5).slice(6));
});

test('where an answer comes first, the message before it is not counted as left out', () => {
  const past = [answer(text('hello')), ...turns(5)];
  const { history, continuation } = goOn([user('x')], held(stored(past), { maxMessages: 6 }));
  assert.deepEqual(history, past.slice(9));
  assert.deepEqual([continuation.historyStart, continuation.droppedMessages], [FIRST + 9, 9]);
  assert.deepEqual(continuation.added, [said(text('x'))]);
});
