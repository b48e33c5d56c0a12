import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { requestContext, type RequestContext } from '../common/http/request-context.ts';
import { Logger } from '../common/logging/logger.ts';
import { ServerSettings } from '../config/settings.ts';
import { answerWhole } from './answer-whole.ts';
import { ChatService, type PreparedChat } from './chat.service.ts';
import { ignoredHeader } from './ignored-header.ts';
import { streamAnswer } from './stream-answer.ts';

/** OpenAI's chat completions, streamed or whole. */
@Controller('v1/chat/completions')
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly server: ServerSettings,
    private readonly logger: Logger,
  ) {}

  @Post()
  async create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const context = requestContext(request);
    const prepared = await this.prepare(body, context, response);
    if (!prepared) return;
    if (prepared.ignored.length > 0) response.setHeader('x-claude-code-ignored', ignoredHeader(prepared.ignored));
    const events = this.chat.run(prepared, context);
    if (prepared.request.stream) {
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
  private async prepare(body: unknown, context: RequestContext, response: Response): Promise<PreparedChat | undefined> {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    response.once('close', leave);
    try {
      const prepared = await this.chat.prepare(body, context, leaving.signal);
      return response.destroyed ? undefined : prepared;
    } catch (error) {
      if (leaving.signal.aborted) return undefined;
      throw error;
    } finally {
      response.off('close', leave);
    }
  }
}
