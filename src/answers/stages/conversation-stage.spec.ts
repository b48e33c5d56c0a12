// Guarantee: a turn of a conversation begins once the turn before it is stored, whatever their clients do, and a paid answer is
// delivered even when its conversation has gone.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { lastValueFrom, NEVER, Subject, type Observable } from 'rxjs';
import { finish } from '../../../test/support/turn-events.ts';
import type { ConversationSettings } from '../../config/settings.ts';
import { ConversationLine } from '../../conversations/conversation-line.ts';
import { ConversationFullError } from '../../conversations/store/conversation-full-error.ts';
import type { ChangedConversation, ConversationStore } from '../../conversations/store/conversation-store.ts';
import type { ConversationStores } from '../../conversations/conversation-stores.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AskedConversation, AskedConversations } from '../asked-conversations.ts';
import { ConversationStage } from './conversation-stage.ts';
import type { AskedTurn } from '../asked-turn.ts';

const settings = { queueSize: 8, queueTimeoutSeconds: 5 } as ConversationSettings;
const THERE = {} as ChangedConversation;

/** A stage over one conversation whose commits are made by hand. */
function stageOf(assertRoom: () => Promise<void> = () => Promise.resolve()): {
  readonly log: string[];
  readonly commit: (result: ChangedConversation | undefined) => void;
  readonly run: (name: string, answer: Observable<AnswerEvent>, more?: object) => Observable<AnswerEvent>;
  readonly headers: Map<string, string>;
} {
  const log: string[] = [];
  const headers = new Map<string, string>();
  let revision = 0;
  let commit: (result: ChangedConversation | undefined) => void = () => undefined;
  const store = {
    assertRoom,
    change: () => {
      log.push('commit begins');
      return new Promise<ChangedConversation | undefined>((resolve) => {
        commit = (result) => {
          log.push('commit ends');
          revision += 1;
          resolve(result);
        };
      });
    },
  } as unknown as ConversationStore;
  const stores = { stored: store, unstored: {} } as unknown as ConversationStores;
  const open = (): AskedConversation =>
    ({
      id: 'a',
      tenant: 'alice',
      isGiven: true,
      found: { store, record: { revision } },
    }) as unknown as AskedConversation;
  const conversations = { reopen: () => Promise.resolve(open()) } as unknown as AskedConversations;
  const stage = new ConversationStage(new ConversationLine(settings), conversations, stores);
  const turn = { model: 'm', system: [], history: [], message: { role: 'user', content: [] }, tools: [], settings: {} };
  const ask = (name: string, conversation: AskedConversation, more = {}): AskedTurn =>
    ({
      conversation,
      turn,
      requestedModel: 'm',
      isStored: true,
      headers,
      again: (now: AskedConversation) => {
        log.push(`${name} is prepared again`);
        return Promise.resolve(ask(name, now));
      },
      ...more,
    }) as unknown as AskedTurn;
  return {
    log,
    headers,
    commit: (result) => commit(result),
    run: (name, answer, more) =>
      stage.around(ask(name, open(), more), ({ conversation }) => {
        log.push(`${name} asks the model, at revision ${conversation.found?.record.revision}`);
        return answer;
      }),
  };
}

/** Lets everything happen that needs no further event. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function end(answer: Subject<AnswerEvent>): void {
  answer.next({ choice: 0, event: finish('stop') });
  answer.complete();
}

test('a client that leaves between the end of its answer and the commit does not let the next turn read the old state', async () => {
  const { log, commit, run } = stageOf();
  const first = new Subject<AnswerEvent>();
  const leaving = run('first', first).subscribe();
  run('second', NEVER).subscribe();
  await settled();
  end(first);
  leaving.unsubscribe();
  await settled();
  assert.deepEqual(log, ['first asks the model, at revision 0', 'commit begins']);
  commit(THERE);
  await settled();
  assert.deepEqual(log.slice(2), ['commit ends', 'second is prepared again', 'second asks the model, at revision 1']);
});

test('a client that leaves while the model answers stores nothing, and the next turn begins', async () => {
  const { log, run } = stageOf();
  const leaving = run('first', NEVER).subscribe();
  run('second', NEVER).subscribe();
  await settled();
  leaving.unsubscribe();
  await settled();
  assert.deepEqual(log, ['first asks the model, at revision 0', 'second asks the model, at revision 0']);
});

test('the answer to a conversation that was deleted meanwhile is delivered, and a header says that it is not stored', async () => {
  const { commit, run, headers } = stageOf();
  const answer = new Subject<AnswerEvent>();
  const last = lastValueFrom(run('first', answer));
  await settled();
  end(answer);
  commit(undefined);
  assert.equal((await last).event.type, 'finish');
  assert.equal(headers.get('x-claude-code-conversation-storage'), 'none');
});

test('a turn for which there is no room is refused before the model is asked, unless it is not stored', async () => {
  const { log, run } = stageOf(() => Promise.reject(new ConversationFullError('1 MB')));
  await assert.rejects(lastValueFrom(run('first', NEVER)), {
    status: 400,
    code: 'conversation_full',
    param: 'messages',
  });
  assert.deepEqual(log, []);
  const answer = new Subject<AnswerEvent>();
  const last = lastValueFrom(run('second', answer, { isStored: false }));
  await settled();
  end(answer);
  assert.equal((await last).event.type, 'finish');
  assert.deepEqual(log, ['second asks the model, at revision 0']);
});

test('a turn of no conversation waits for none and is not stored', async () => {
  const { log, run } = stageOf();
  const held = run('held', NEVER).subscribe();
  await settled();
  const answer = new Subject<AnswerEvent>();
  const conversation = { id: 'a', tenant: 'alice', found: undefined, isGiven: false, isNone: true };
  const alone = lastValueFrom(run('alone', answer, { conversation }));
  await settled();
  assert.equal(log.at(-1), 'alone asks the model, at revision undefined');
  end(answer);
  assert.equal((await alone).event.type, 'finish');
  assert.ok(!log.includes('commit begins'));
  held.unsubscribe();
});
