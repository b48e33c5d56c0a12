import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { OpenStreams } from '../common/http/open-streams.ts';
import { requestContext } from '../common/http/request-context.ts';
import { Logger } from '../common/logging/logger.ts';
import { ServerSettings } from '../config/settings.ts';
import { answerWhole } from './answer-whole.ts';
import { ChatService } from './chat.service.ts';
import { checkMessageCount } from './dto/check-message-count.ts';
import { ignoredHeader } from './ignored-header.ts';
import { streamAnswer } from './stream-answer.ts';

/** OpenAI's chat completions, streamed or whole. */
@Controller('v1/chat/completions')
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly server: ServerSettings,
    private readonly streams: OpenStreams,
    private readonly logger: Logger,
  ) {}

  @Post()
  async create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const context = requestContext(request);
    checkMessageCount(body, this.server.maxMessages);
    const prepared = await this.chat.prepare(body, context);
    // A client that has left meanwhile is told by no event any more.
    if (response.destroyed) return;
    if (prepared.ignored.length > 0) response.setHeader('x-claude-code-ignored', ignoredHeader(prepared.ignored));
    const events = this.chat.run(prepared, context);
    if (prepared.request.stream) {
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
}
