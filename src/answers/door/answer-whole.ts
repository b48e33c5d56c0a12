import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { consume } from '../../common/consume.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { PreparedAnswer } from './prepared-answer.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Responds with one JSON body. Rejects if the turn fails; a disconnect of the client cancels it. */
export function answerWhole(
  events: Observable<AnswerEvent>,
  prepared: PreparedAnswer,
  response: Response,
): Promise<void> {
  const { headers, timing } = prepared.asked;
  const collector = prepared.collector();
  return new Promise((resolve, reject) => {
    const subscription = consume(events, {
      next: (event) => collector.accept(event),
      error: reject,
      complete: () => {
        const { costUsd } = collector.totals;
        response.setHeaders(headers);
        response.setHeader('server-timing', timing.header(true));
        if (costUsd !== undefined) response.setHeader('x-claude-code-cost-usd', costUsd.toFixed(6));
        const body = JSON.stringify(collector.body);
        // Without Express, which would check type and length again.
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
