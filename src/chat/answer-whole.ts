import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { callFormOf } from './call-form.ts';
import type { PreparedChat } from './chat.service.ts';
import type { ChoiceEvent } from './choice-event.ts';
import { CompletionCollector } from './to-completion.ts';

/** Answers with one chat completion. Rejects when the turn fails; a client that leaves cancels it. */
export function answerWhole(
  events: Observable<ChoiceEvent>,
  { request, identity, timing, headers }: PreparedChat,
  response: Response,
): Promise<void> {
  const collector = new CompletionCollector(identity, callFormOf(request));
  return new Promise((resolve, reject) => {
    const subscription = events.subscribe({
      next: (event) => collector.accept(event),
      error: reject,
      complete: () => {
        const { costUsd } = collector.totals;
        response.setHeaders(headers);
        response.setHeader('server-timing', timing.header(true));
        if (costUsd !== undefined) response.setHeader('x-claude-code-cost-usd', costUsd.toFixed(6));
        response.status(200).json(collector.completion);
        resolve();
      },
    });
    response.once('close', () => {
      subscription.unsubscribe();
      resolve();
    });
  });
}
