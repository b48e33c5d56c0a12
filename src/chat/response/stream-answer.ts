import type { Response } from 'express';
import type { Observable } from 'rxjs';
import { consume } from '../../common/consume.ts';
import { toErrorAnswer } from '../../common/errors/to-error-answer.ts';
import type { RequestContext } from '../../common/http/request-context.ts';
import { SseWriter } from '../../common/http/sse-writer.ts';
import type { Logger } from '../../common/logging/logger.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { callFormOf } from './call-form.ts';
import type { PreparedChat } from '../prepared-chat.ts';
import { ChunkEncoder } from './to-chunks.ts';

export interface StreamAnswerOptions {
  readonly context: RequestContext;
  /** Is told of failures that come too late to be an HTTP error. */
  readonly logger: Pick<Logger, 'error'>;
  /** After this much silence the stream is opened, if it is not yet, and a comment sent. */
  readonly keepAliveMs: number;
}

/**
 * Answers with a stream of chunks. It begins with the first piece of the answer, so that a failure before it rejects and
 * becomes an HTTP error; a failure after it is told in the stream, which then ends without `[DONE]`. A client that leaves
 * cancels the turn.
 */
export function streamAnswer(
  events: Observable<AnswerEvent>,
  { asked: { timing, headers }, request, identity }: PreparedChat,
  response: Response,
  { context, logger, keepAliveMs }: StreamAnswerOptions,
): Promise<void> {
  const writer = new SseWriter(response, keepAliveMs);
  const encoder = new ChunkEncoder({
    identity,
    callForm: callFormOf(request),
    includesUsage: request.stream_options?.include_usage === true,
  });
  const tellHeaders = (): void => {
    if (!writer.hasBegun) response.setHeaders(headers).setHeader('server-timing', timing.header(false));
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
      writer.event(JSON.stringify(context.errorFormat.body(answer, context.requestId)));
      writer.end();
      resolve();
    };
    const subscription = consume(events, {
      next: (event) => {
        const chunks = encoder.encode(event);
        if (chunks.length === 0) return;
        tellHeaders();
        for (const chunk of chunks) writer.event(chunk);
      },
      error: fail,
      complete: () => {
        for (const chunk of encoder.end()) writer.event(chunk);
        writer.event('[DONE]');
        writer.end();
        resolve();
      },
    });
    // A silent answer is begun all the same before a proxy in between gives it up.
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
