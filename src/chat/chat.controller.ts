import { Body, Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DoorResponder } from '../answers/door/door-responder.ts';
import { ServerSettings } from '../config/settings.ts';
import { AgentRightGuard } from '../keys/agent-right.guard.ts';
import { ChatPreparation } from './chat-preparation.ts';
import { checkMessageCount } from '../common/body/check-message-count.ts';

/** OpenAI's chat completions, streamed or whole. */
@Controller('v1/chat/completions')
@UseGuards(AgentRightGuard)
export class ChatController {
  constructor(
    private readonly preparation: ChatPreparation,
    private readonly responder: DoorResponder,
    private readonly server: ServerSettings,
  ) {}

  @Post()
  create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    checkMessageCount(body, this.server.maxMessages);
    return this.responder.respond(request, response, (surroundings) => this.preparation.prepare(body, surroundings));
  }
}
