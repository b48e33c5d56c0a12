import type { Response } from 'express';
import type { Observable } from 'rxjs';
import type { TurnEvent } from '../claude-cli/turn.ts';
import { newAnswerIdentity } from './answer-identity.ts';
import { callFormOf } from './call-form.ts';
import type { PreparedChat } from './chat.service.ts';
import { CompletionCollector } from './to-completion.ts';

/** Answers with one chat completion. Rejects when the turn fails; a client that leaves cancels it. */
export function answerWhole(
  events: Observable<TurnEvent>,
  { request, timing }: PreparedChat,
  response: Response,
): Promise<void> {
  const collector = new CompletionCollector(newAnswerIdentity(), callFormOf(request));
  return new Promise((resolve, reject) => {
    const subscription = events.subscribe({
      next: (event) => {
        const completion = collector.accept(event);
        if (!completion || event.type !== 'finish') return;
        response.setHeader('server-timing', timing.header(true));
        if (event.costUsd !== undefined) response.setHeader('x-claude-code-cost-usd', event.costUsd.toFixed(6));
        response.status(200).json(completion);
      },
      error: reject,
      complete: resolve,
    });
    response.once('close', () => {
      subscription.unsubscribe();
      resolve();
    });
  });
}
