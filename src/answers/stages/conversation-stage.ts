import { Injectable } from '@nestjs/common';
import { from, Observable, switchMap } from 'rxjs';
import { consume } from '../../common/consume.ts';
import { ConversationLine } from '../../conversations/conversation-line.ts';
import { toStorageAnswer } from '../../conversations/errors.ts';
import type { ConversationChange, ConversationStore } from '../../conversations/store/conversation-store.ts';
import { ConversationStores } from '../../conversations/stores.ts';
import type { ChoiceEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import { ChatConversations, NOT_STORED, type ChatConversation } from '../asked-conversations.ts';
import type { PreparedChat } from '../../chat/prepared-chat.ts';
import { requestRecord, turnRecord, type RequestRecord } from '../turn-record.ts';

export interface ConversationStageOptions {
  /** Understands the request again, after the turns before it have changed its conversation. */
  readonly again: (conversation: ChatConversation) => Promise<PreparedChat>;
  /** The answer, cold. */
  readonly next: (prepared: PreparedChat) => Observable<ChoiceEvent>;
}

/** A request whose time in the queue of its conversation has come, and which the conversation can hold. */
interface AdmittedChat {
  readonly prepared: PreparedChat;
  readonly asked: RequestRecord;
}

/**
 * Runs the turns of a conversation one after the other, and stores each that succeeds, whole, before its client gets the
 * end of the answer. A turn that fails, or whose client leaves, stores nothing.
 */
@Injectable()
export class ConversationStage {
  constructor(
    private readonly line: ConversationLine,
    private readonly conversations: ChatConversations,
    private readonly stores: ConversationStores,
  ) {}

  run(prepared: PreparedChat, options: ConversationStageOptions): Observable<ChoiceEvent> {
    const { tenant, id } = prepared.conversation;
    return this.line.run(tenant, id, (place) =>
      from(this.admit(prepared, options)).pipe(
        switchMap((admitted) => {
          const dropped = admitted.prepared.continuation?.droppedMessages ?? 0;
          if (dropped > 0) admitted.prepared.headers.set('x-claude-code-history-truncated', String(dropped));
          // The next turn must not begin before this one is stored, though its client may leave.
          const store = (answer: Answer): Promise<void> => place.keepFor(this.store(admitted, answer));
          return storing(options.next(admitted.prepared), store);
        }),
      ),
    );
  }

  /** Refuses what the conversation cannot hold before the model is paid for it. */
  private async admit(given: PreparedChat, options: ConversationStageOptions): Promise<AdmittedChat> {
    const prepared = await this.current(given, options);
    const { conversation, turn, continuation } = prepared;
    const asked = requestRecord(turn, continuation);
    const store = this.storeOf(prepared);
    try {
      await store?.assertRoom(asked, conversation.isGiven ? conversation : undefined);
    } catch (error) {
      throw toStorageAnswer(error, 'messages');
    }
    return { prepared, asked };
  }

  /** Where the turn is stored; undefined when it is not. */
  private storeOf({ conversation: { isGiven, found }, request }: PreparedChat): ConversationStore | undefined {
    const isUnstored = request.store === false;
    if (!isGiven) return isUnstored ? this.stores.unstored : this.stores.stored;
    return isUnstored && found?.store === this.stores.stored ? undefined : found?.store;
  }

  private async current(prepared: PreparedChat, { again }: ConversationStageOptions): Promise<PreparedChat> {
    const { conversation } = prepared;
    if (!conversation.isGiven) return prepared;
    const now = await this.conversations.reopen(conversation);
    const isSame = now.found?.record.revision === conversation.found?.record.revision;
    return isSame ? prepared : again(now);
  }

  private async store({ prepared, asked }: AdmittedChat, { event, text, totals }: Answer): Promise<void> {
    const { conversation, request, turn, continuation } = prepared;
    const store = this.storeOf(prepared);
    if (!store || event.event.type !== 'finish') return;
    const isHeld = event.isRepeated !== true;
    const { event: finish } = event;
    const change = turnRecord({ turn, asked, continuation, model: request.model, finish, text, totals, isHeld });
    try {
      if (!conversation.isGiven) return await this.begin(conversation, change, store);
      const changed = await store.change(conversation.tenant, conversation.id, change);
      // Deleted, or evicted from memory, while the model answered: the answer is paid for all the same.
      if (!changed) prepared.headers.set(...NOT_STORED);
    } catch (error) {
      throw toStorageAnswer(error);
    }
  }

  private async begin(
    { tenant, id }: ChatConversation,
    change: ConversationChange,
    store: ConversationStore,
  ): Promise<void> {
    try {
      await store.create(tenant, id, change);
    } catch (error) {
      if (store === this.stores.unstored) throw error;
      // The answer does not depend on the disk: its conversation is kept in memory instead.
      this.stores.tell(error);
      await this.stores.unstored.create(tenant, id, change);
    }
  }
}

/** The first choice of an answer that has succeeded. */
interface Answer {
  /** How it finished. */
  readonly event: ChoiceEvent;
  /** What the client was told of it. */
  readonly text: string;
  /** Of all choices. */
  readonly totals: AnswerTotals;
}

/** The same events; the end of the first choice comes after the whole answer was stored. */
function storing(events: Observable<ChoiceEvent>, store: (answer: Answer) => Promise<void>): Observable<ChoiceEvent> {
  return new Observable((subscriber) => {
    const totals = new AnswerTotals();
    let text = '';
    let finish: ChoiceEvent | undefined;
    const end = async (): Promise<void> => {
      try {
        if (finish) await store({ event: finish, text, totals });
        if (finish) subscriber.next(finish);
        subscriber.complete();
      } catch (error) {
        subscriber.error(error);
      }
    };
    return consume(events, {
      next: (choiceEvent) => {
        const { choice, event } = choiceEvent;
        totals.accept(choiceEvent);
        if (choice === 0 && event.type === 'finish') {
          finish = choiceEvent;
          return;
        }
        if (choice === 0 && event.type === 'text-delta') text += event.text;
        subscriber.next(choiceEvent);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => void end(),
    });
  });
}
