import { Body, Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { refuseIgnored } from '../common/body/refuse-ignored.ts';
import { takeBodyBytes } from '../common/http/body-bytes.ts';
import { Context } from '../common/http/context.decorator.ts';
import { ignoredHeader } from '../common/http/ignored-header.ts';
import { OpenStreams } from '../common/http/open-streams.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { Logger } from '../common/logging/logger.ts';
import { ClaudeSettings, ServerSettings } from '../config/settings.ts';
import { AgentRightGuard } from '../keys/agent-right.guard.ts';
import { parseCacheControl, type CacheControl } from '../response-cache/cache-control.ts';
import { answerWhole } from './response/answer-whole.ts';
import { writeCacheHeaders } from '../answers/answer-headers.ts';
import { ChatPreparation } from './chat-preparation.ts';
import { AnswersService } from '../answers/answers.service.ts';
import { checkMessageCount } from './request/dto/check-message-count.ts';
import type { PreparedChat } from './prepared-chat.ts';
import { streamAnswer } from './response/stream-answer.ts';

/** OpenAI's chat completions, streamed or whole. */
@Controller('v1/chat/completions')
@UseGuards(AgentRightGuard)
export class ChatController {
  constructor(
    private readonly preparation: ChatPreparation,
    private readonly answers: AnswersService,
    private readonly server: ServerSettings,
    private readonly claude: ClaudeSettings,
    private readonly streams: OpenStreams,
    private readonly logger: Logger,
  ) {}

  @Post()
  async create(
    @Body() body: unknown,
    @Context() context: RequestContext,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const unreadQuery = Object.keys(request.query);
    if (this.claude.strictParameters) refuseIgnored(unreadQuery);
    checkMessageCount(body, this.server.maxMessages);
    const control = parseCacheControl(request.headers['cache-control']);
    const prepared = await this.prepare(body, context, request, response, control);
    if (!prepared) return;
    const ignored = [...prepared.ignored, ...unreadQuery];
    if (ignored.length > 0) response.setHeader('x-claude-code-ignored', ignoredHeader(ignored));
    const events = this.answers.run(prepared.asked);
    if (prepared.asked.isStreamed) {
      this.streams.enter(response);
      await streamAnswer(events, prepared, response, {
        context,
        logger: this.logger,
        keepAliveMs: this.server.keepAliveSeconds * 1000,
      });
    } else {
      await answerWhole(events, prepared, response);
    }
  }

  /** Undefined when the client leaves meanwhile: then there is nobody to answer. */
  private async prepare(
    body: unknown,
    context: RequestContext,
    request: Request,
    response: Response,
    control: CacheControl,
  ): Promise<PreparedChat | undefined> {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    response.once('close', leave);
    try {
      const prepared = await this.preparation.prepare(body, {
        context,
        bytes: takeBodyBytes(request),
        conversationId: request.get('x-conversation-id'),
        caching: { control, onStatus: (status) => writeCacheHeaders(response, status) },
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
