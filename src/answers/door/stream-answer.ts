import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { consume } from '../../common/consume.ts';
import { toErrorAnswer } from '../../common/errors/to-error-answer.ts';
import { SseWriter } from '../../common/http/sse-writer.ts';
import type { Logger } from '../../common/logging/logger.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { PreparedAnswer, StreamEvent } from './prepared-answer.ts';

export interface StreamAnswerOptions {
  /** Logs failures that come too late for an HTTP error. */
  readonly logger: Pick<Logger, 'error'>;
  /** After this much silence the stream is opened, if it is not yet, and a comment is sent. */
  readonly keepAliveMs: number;
}

/**
 * Responds with a stream. It begins with the first piece of the answer: an earlier failure rejects and becomes an HTTP
 * error, a later one is sent in the stream, in the door's form. A disconnect of the client cancels the turn.
 */
export function streamAnswer(
  events: Observable<AnswerEvent>,
  prepared: PreparedAnswer,
  response: Response,
  { logger, keepAliveMs }: StreamAnswerOptions,
): Promise<void> {
  const { context, timing, headers } = prepared.asked;
  const writer = new SseWriter(response, keepAliveMs);
  const encoder = prepared.encoder();
  const tellHeaders = (): void => {
    if (!writer.hasBegun) response.setHeaders(headers).setHeader('server-timing', timing.header(false));
  };
  const write = (written: readonly StreamEvent[]): void => {
    for (const { data, name } of written) writer.event(data, name);
  };
  let silence: NodeJS.Timeout | undefined;
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      if (!writer.hasBegun) return reject(error);
      const answer = toErrorAnswer(error, context.requestId);
      context.outcome = answer.outcome;
      if (answer.status >= 500) {
        logger.error({ requestId: context.requestId, error: answer.cause ?? answer }, 'stream failed');
      }
      write(encoder.fail(answer, context.requestId));
      writer.end();
      resolve();
    };
    const subscription = consume(events, {
      next: (event) => {
        const encoded = encoder.encode(event);
        if (encoded.length === 0) return;
        tellHeaders();
        write(encoded);
      },
      error: fail,
      complete: () => {
        write(encoder.end());
        writer.end();
        resolve();
      },
    });
    // Open a silent stream before a proxy times out.
    silence = setTimeout(() => {
      try {
        tellHeaders();
        writer.open();
      } catch (error) {
        subscription.unsubscribe();
        fail(error);
      }
    }, keepAliveMs);
    response.once('close', () => {
      subscription.unsubscribe();
      resolve();
    });
  }).finally(() => {
    clearTimeout(silence);
    writer.stop();
  });
}
