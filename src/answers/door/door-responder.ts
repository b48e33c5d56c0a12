import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { catchError, throwError } from 'rxjs';
import { refuseIgnored } from '../../common/body/refuse-ignored.ts';
import { takeBodyBytes } from '../../common/http/body-bytes.ts';
import { ignoredHeader } from '../../common/http/ignored-header.ts';
import { OpenStreams } from '../../common/http/open-streams.ts';
import { requestContext, type RequestContext } from '../../common/http/request-context.ts';
import { Logger } from '../../common/logging/logger.ts';
import { ClaudeSettings, ServerSettings } from '../../config/settings.ts';
import { parseCacheControl } from '../../response-cache/cache-control.ts';
import { writeCacheHeaders } from '../cache-headers.ts';
import { AnswersService } from '../answers.service.ts';
import type { Caching } from '../asked-turn.ts';
import { answerWhole } from './answer-whole.ts';
import type { PreparedAnswer } from './prepared-answer.ts';
import { streamAnswer } from './stream-answer.ts';

/** The data of a request besides its body. */
export interface RequestSurroundings {
  readonly context: RequestContext;
  /** The bytes of the body, if its parsed values lose digits. */
  readonly bytes: Buffer | undefined;
  /** The value of the header `x-conversation-id`. */
  readonly conversationId: string | undefined;
  readonly caching: Omit<Caching, 'identity'>;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

/** Runs a request of a door from its body to the end of its response; the door parses and formats. */
@Injectable()
export class DoorResponder {
  constructor(
    private readonly answers: AnswersService,
    private readonly server: ServerSettings,
    private readonly claude: ClaudeSettings,
    private readonly streams: OpenStreams,
    private readonly logger: Logger,
  ) {}

  /**
   * Responds whole or as a stream. Rejects with a GatewayError before anything of the response is sent.
   *
   * @param prepare parses the request; called once
   * @param knownQuery URL parameters that the door accepts
   */
  async respond(
    request: Request,
    response: Response,
    prepare: (surroundings: RequestSurroundings) => Promise<PreparedAnswer>,
    knownQuery: readonly string[] = [],
  ): Promise<void> {
    const unreadQuery = Object.keys(request.query).filter((name) => !knownQuery.includes(name));
    if (this.claude.strictParameters) refuseIgnored(unreadQuery);
    const prepared = await this.whileThere(request, response, prepare);
    if (!prepared) return;
    const ignored = [...prepared.ignored, ...unreadQuery];
    if (ignored.length > 0) response.setHeader('x-claude-code-ignored', ignoredHeader(ignored));
    const events = this.answers
      .run(prepared.asked)
      .pipe(catchError((error: unknown) => throwError(() => prepared.toClientError?.(error) ?? error)));
    if (!prepared.asked.isStreamed) return answerWhole(events, prepared, response);
    this.streams.enter(response);
    return streamAnswer(events, prepared, response, {
      logger: this.logger,
      keepAliveMs: this.server.keepAliveSeconds * 1000,
    });
  }

  /** Undefined if the client disconnects meanwhile; no response is possible then. */
  private async whileThere(
    request: Request,
    response: Response,
    prepare: (surroundings: RequestSurroundings) => Promise<PreparedAnswer>,
  ): Promise<PreparedAnswer | undefined> {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    response.once('close', leave);
    try {
      const prepared = await prepare({
        context: requestContext(request),
        bytes: takeBodyBytes(request),
        conversationId: request.get('x-conversation-id'),
        caching: {
          control: parseCacheControl(request.headers['cache-control']),
          onStatus: (status) => writeCacheHeaders(response, status),
        },
        signal: leaving.signal,
      });
      return response.destroyed ? undefined : prepared;
    } catch (error) {
      if (leaving.signal.aborted) return undefined;
      throw error;
    } finally {
      response.off('close', leave);
    }
  }
}
