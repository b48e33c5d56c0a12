import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ConversationItemList } from 'openai/resources/conversations/items';
import { DoorResponder } from '../answers/door/door-responder.ts';
import { checkMessageCount } from '../common/body/check-message-count.ts';
import { unreadFields } from '../common/body/unread-fields.ts';
import { GatewayError, invalidRequest } from '../common/errors/gateway-error.ts';
import { Context } from '../common/http/context.decorator.ts';
import { ServerSettings } from '../config/settings.ts';
import { PageQuery } from '../conversations/dto/page-query.ts';
import { IgnoredFields } from '../conversations/ignored-fields.ts';
import { AgentRightGuard } from '../keys/agent-right.guard.ts';
import { ResponsesPreparation } from './responses-preparation.ts';
import { StoredResponses } from './stored-responses.ts';

/** OpenAI's responses, streamed or whole, and those that are stored. */
@Controller('v1/responses')
export class ResponsesController {
  constructor(
    private readonly preparation: ResponsesPreparation,
    private readonly responder: DoorResponder,
    private readonly stored: StoredResponses,
    private readonly ignored: IgnoredFields,
    private readonly server: ServerSettings,
  ) {}

  @Post()
  @UseGuards(AgentRightGuard)
  create(@Body() body: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    checkMessageCount(body, this.server.maxMessages);
    return this.responder.respond(request, response, (surroundings) => this.preparation.prepare(body, surroundings));
  }

  /** Not offered: a summary that stands for a history is a client's own matter. */
  @Post('compact')
  compact(): never {
    throw notAvailable('The compaction of responses');
  }

  /** Not offered: the CLI does not count tokens exactly. */
  @Post('input_tokens')
  countInputTokens(): never {
    throw notAvailable('The count of input tokens');
  }

  @Get(':id')
  async get(
    @Req() request: Request,
    @Res() response: Response,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
  ): Promise<void> {
    this.ignored.tell(request);
    const document = await this.stored.document(tenant, id);
    response.type('application/json').send(document);
  }

  @Delete(':id')
  async delete(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
  ): Promise<{ id: string; object: 'response'; deleted: true }> {
    this.ignored.tell(request);
    await this.stored.delete(tenant, id);
    return { id, object: 'response', deleted: true };
  }

  @Get(':id/input_items')
  async inputItems(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Query() page: PageQuery,
  ): Promise<ConversationItemList> {
    this.ignored.tellFields(request, unreadFields(request.query, page));
    return this.stored.inputItems(tenant, id, page);
  }

  /** There are no responses in the background. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Context('tenant') tenant: string, @Param('id') id: string): Promise<never> {
    await this.stored.document(tenant, id);
    throw invalidRequest('Only responses with background=true can be cancelled.', undefined, 'invalid_request');
  }
}

function notAvailable(what: string): GatewayError {
  return new GatewayError(404, `${what} is not available here.`, { code: 'unknown_url' });
}
