import { Injectable } from '@nestjs/common';
import { concat, defer, EMPTY, filter, from, map, switchMap, type Observable } from 'rxjs';
import { ConversationLine } from '../../conversations/conversation-line.ts';
import { toGatewayError } from '../../conversations/to-gateway-error.ts';
import type {
  ConversationChange,
  ConversationStore,
  NewResponse,
} from '../../conversations/store/conversation-store.ts';
import { ConversationStores } from '../../conversations/conversation-stores.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import { AskedConversations, NOT_STORED, type AskedConversation } from '../asked-conversations.ts';
import type { AskedTurn, KeptResponse } from '../asked-turn.ts';
import { requestRecord, turnRecord, type RequestRecord } from '../turn-record.ts';
import type { AnswerStage } from './answer-stage.ts';

/** A request that has its turn in the conversation's queue, and fits into the conversation. */
interface HeldTurn {
  readonly asked: AskedTurn;
  /** The request's part of the conversation, independent of the answer. */
  readonly record: RequestRecord;
}

/**
 * Runs the turns of a conversation one after the other, and stores each successful one whole before its client gets the end
 * of the answer. Stores nothing of a failed or cancelled turn.
 */
@Injectable()
export class ConversationStage implements AnswerStage {
  constructor(
    private readonly line: ConversationLine,
    private readonly conversations: AskedConversations,
    private readonly stores: ConversationStores,
  ) {}

  around(asked: AskedTurn, next: (asked: AskedTurn) => Observable<AnswerEvent>): Observable<AnswerEvent> {
    const { tenant, id, isNone } = asked.conversation;
    if (isNone) return next(asked);
    return this.line.run(tenant, id, (place) =>
      from(this.admit(asked)).pipe(
        switchMap((held) => {
          const dropped = held.asked.continuation?.droppedMessages ?? 0;
          if (dropped > 0) held.asked.headers.set('x-claude-code-history-truncated', String(dropped));
          // The next turn must not begin before this one is stored, even if the client disconnects.
          const store = (answer: Answer): Promise<void> => place.keepFor(this.store(held, answer));
          return storing(next(held.asked), store);
        }),
      ),
    );
  }

  /** Refuses what does not fit into the conversation before the model call costs anything. */
  private async admit(given: AskedTurn): Promise<HeldTurn> {
    const asked = await this.current(given);
    const { conversation, turn, continuation } = asked;
    const record = requestRecord(turn, continuation);
    try {
      await this.storeOf(asked)?.assertRoom(record, conversation.isGiven ? conversation : undefined);
    } catch (error) {
      throw toGatewayError(error, 'messages');
    }
    return { asked, record };
  }

  /** The store of the turn; undefined if it is not stored. */
  private storeOf({ conversation: { isGiven, found }, isStored }: AskedTurn): ConversationStore | undefined {
    if (!isGiven) return isStored ? this.stores.stored : this.stores.unstored;
    return !isStored && found?.store === this.stores.stored ? undefined : found?.store;
  }

  private async current(asked: AskedTurn): Promise<AskedTurn> {
    const { conversation } = asked;
    if (!conversation.isGiven) return asked;
    const now = await this.conversations.reopen(conversation);
    const isSame = now.found?.record.revision === conversation.found?.record.revision;
    return isSame ? asked : asked.again(now);
  }

  private async store({ asked, record }: HeldTurn, { event, text, totals }: Answer): Promise<void> {
    const { conversation, requestedModel: model, turn, continuation } = asked;
    const store = this.storeOf(asked);
    if (!store || event.event.type !== 'finish') return;
    const isHeld = event.isRepeated !== true;
    const { event: finish } = event;
    const ended = turnRecord({ turn, record, continuation, model, finish, text, totals, isHeld });
    const change = asked.kept ? { ...ended, response: keptResponse(asked.kept, event, ended, record) } : ended;
    try {
      if (!conversation.isGiven) return await this.begin(conversation, change, store);
      const changed = await store.change(conversation.tenant, conversation.id, change);
      // The conversation was deleted, or evicted from memory, during the model call; the answer is delivered anyway.
      if (!changed) asked.headers.set(...NOT_STORED);
    } catch (error) {
      throw toGatewayError(error);
    }
  }

  private async begin(
    { tenant, id }: AskedConversation,
    change: ConversationChange,
    store: ConversationStore,
  ): Promise<void> {
    try {
      await store.create(tenant, id, change);
    } catch (error) {
      if (store === this.stores.unstored) throw error;
      // The answer does not depend on the disk: keep its conversation in memory instead.
      this.stores.logOrThrow(error);
      await this.stores.unstored.create(tenant, id, change);
    }
  }
}

/** The stored form of a response, with the items that its turn adds. */
function keptResponse(
  { id, isNamed, write }: KeptResponse,
  event: AnswerEvent,
  { items = [] }: ConversationChange,
  record: RequestRecord,
): NewResponse {
  // A refused turn adds nothing.
  return { id, isNamed, answerItems: Math.max(0, items.length - record.items.length), ...write(event) };
}

/** The first choice of a successful answer. */
interface Answer {
  /** Its `finish` event. */
  readonly event: AnswerEvent;
  /** The text that the client got. */
  readonly text: string;
  /** Of all choices. */
  readonly totals: AnswerTotals;
}

/** Delays the end of the first choice until the whole answer is stored. */
function storing(events: Observable<AnswerEvent>, store: (answer: Answer) => Promise<void>): Observable<AnswerEvent> {
  return defer(() => {
    const totals = new AnswerTotals();
    let text = '';
    let finish: AnswerEvent | undefined;
    const told = events.pipe(
      filter((answerEvent) => {
        const { choice, event } = answerEvent;
        totals.accept(answerEvent);
        if (choice === 0 && event.type === 'text-delta') text += event.text;
        if (choice !== 0 || event.type !== 'finish') return true;
        finish = answerEvent;
        return false;
      }),
    );
    const end = defer(() => {
      if (!finish) return EMPTY;
      const event = finish;
      return from(store({ event, text, totals })).pipe(map(() => event));
    });
    return concat(told, end);
  });
}
