import { Body, Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DoorResponder } from '../answers/door/door-responder.ts';
import { AgentRightGuard } from '../keys/agent-right.guard.ts';
import { CompletionsPreparation } from './completions-preparation.ts';

/** OpenAI's legacy completions of a text, streamed or whole. */
@Controller('v1/completions')
@UseGuards(AgentRightGuard)
export class CompletionsController {
  constructor(
    private readonly preparation: CompletionsPreparation,
    private readonly responder: DoorResponder,
  ) {}

  @Post()
  create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.responder.respond(request, response, (surroundings) => this.preparation.prepare(body, surroundings));
  }
}
