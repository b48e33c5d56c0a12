import { Injectable } from '@nestjs/common';
import { from, Observable, switchMap } from 'rxjs';
import { consume } from '../common/consume.ts';
import { ConversationLine } from '../conversations/conversation-line.ts';
import { conversationNotFound, toStorageAnswer } from '../conversations/errors.ts';
import type { ConversationChange } from '../conversations/store/conversation-store.ts';
import { ConversationStores } from '../conversations/stores.ts';
import type { ChoiceEvent } from '../response-cache/choice-event.ts';
import { AnswerTotals } from './answer-totals.ts';
import { ChatConversations, type ChatConversation } from './chat-conversations.ts';
import type { PreparedChat } from './prepared-chat.ts';
import { turnRecord } from './turn-record.ts';

export interface ConversationStageOptions {
  /** Understands the request again, after the turns before it have changed its conversation. */
  readonly again: (conversation: ChatConversation) => Promise<PreparedChat>;
  /** The answer, cold. */
  readonly next: (prepared: PreparedChat) => Observable<ChoiceEvent>;
}

/**
 * Lets the turns of a conversation run one after the other, and stores each that has succeeded, whole and before its end
 * is told. What fails, or is left by its client, leaves nothing.
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
    return this.line.run(tenant, id, () =>
      from(this.current(prepared, options)).pipe(
        switchMap((current) => {
          const dropped = current.continuation?.droppedMessages ?? 0;
          if (dropped > 0) current.headers.set('x-claude-code-history-truncated', String(dropped));
          return storing(options.next(current), (answer) => this.store(current, answer));
        }),
      ),
    );
  }

  private async current(prepared: PreparedChat, { again }: ConversationStageOptions): Promise<PreparedChat> {
    const { conversation } = prepared;
    if (!conversation.isGiven) return prepared;
    const now = await this.conversations.reopen(conversation);
    const isSame = now.found?.record.revision === conversation.found?.record.revision;
    return isSame ? prepared : again(now);
  }

  private async store(prepared: PreparedChat, { event, text, totals }: Answer): Promise<void> {
    const { conversation, request, turn, continuation } = prepared;
    if (event.event.type !== 'finish') return;
    const isHeld = event.isRepeated !== true;
    const change = turnRecord({ turn, continuation, model: request.model, finish: event.event, text, totals, isHeld });
    if (conversation.isGiven) await this.add(conversation, change, request.store === false);
    else await this.begin(conversation, change, request.store === false);
  }

  private async add(
    { found, tenant, id }: ChatConversation,
    change: ConversationChange,
    isUnstored: boolean,
  ): Promise<void> {
    if (!found || (isUnstored && found.store === this.stores.stored)) return;
    try {
      const isThere = (await found.store.change(tenant, id, change)) !== undefined;
      // One in memory may have given way to newer ones meanwhile; its answer is as good without it.
      if (!isThere && found.store === this.stores.stored) throw conversationNotFound(id, 'conversation_id');
    } catch (error) {
      throw toStorageAnswer(error);
    }
  }

  private async begin(
    { tenant, id }: ChatConversation,
    change: ConversationChange,
    isUnstored: boolean,
  ): Promise<void> {
    if (!isUnstored) {
      try {
        await this.stores.stored.create(tenant, id, change);
        return;
      } catch (error) {
        // The answer does not depend on it: its conversation lives in memory then.
        this.stores.tell(error);
      }
    }
    await this.stores.unstored.create(tenant, id, change);
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

/** The same events; the end of the first choice is told after the whole answer was stored. */
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
