import { Body, Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DoorResponder } from '../answers/door/door-responder.ts';
import { checkMessageCount } from '../common/body/check-message-count.ts';
import { ServerSettings } from '../config/settings.ts';
import { AgentRightGuard } from '../keys/agent-right.guard.ts';
import { MessagesPreparation } from './messages-preparation.ts';

/** Its SDKs ask beta features under the same path with this parameter. */
const KNOWN_QUERY = ['beta'];

/** Anthropic's Messages API, streamed or whole. The version that a client names makes no difference. */
@Controller('v1/messages')
@UseGuards(AgentRightGuard)
export class MessagesController {
  constructor(
    private readonly preparation: MessagesPreparation,
    private readonly responder: DoorResponder,
    private readonly server: ServerSettings,
  ) {}

  @Post()
  create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    checkMessageCount(body, this.server.maxMessages);
    const hasBetas = request.get('anthropic-beta') !== undefined;
    return this.responder.respond(
      request,
      response,
      (surroundings) => this.preparation.prepare(body, { ...surroundings, hasBetas }),
      KNOWN_QUERY,
    );
  }
}
