import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { consume } from '../../common/consume.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { callFormOf } from './call-form.ts';
import type { PreparedChat } from '../prepared-chat.ts';
import { CompletionCollector } from './to-completion.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers with one chat completion. Rejects when the turn fails; a client that leaves cancels it. */
export function answerWhole(
  events: Observable<AnswerEvent>,
  { asked: { timing, headers }, request, identity }: PreparedChat,
  response: Response,
): Promise<void> {
  const collector = new CompletionCollector(identity, callFormOf(request));
  return new Promise((resolve, reject) => {
    const subscription = consume(events, {
      next: (event) => collector.accept(event),
      error: reject,
      complete: () => {
        const { costUsd } = collector.totals;
        response.setHeaders(headers);
        response.setHeader('server-timing', timing.header(true));
        if (costUsd !== undefined) response.setHeader('x-claude-code-cost-usd', costUsd.toFixed(6));
        const body = JSON.stringify(collector.completion);
        // By hand: Express would look at its type and length again.
        response.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(body) }).end(body);
        resolve();
      },
    });
    response.once('close', () => {
      subscription.unsubscribe();
      resolve();
    });
  });
}
