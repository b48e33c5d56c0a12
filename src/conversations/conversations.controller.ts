import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ConversationDeletedResource } from 'openai/resources/conversations/conversations';
import { Context } from '../common/http/context.decorator.ts';
import { ConversationsService, type ConversationList } from './conversations.service.ts';
import { parseCreateConversation, parsePage, parseUpdateConversation } from './dto/conversation-bodies.ts';
import { IgnoredFields } from './ignored-fields.ts';
import { leavingSignal } from './leaving-signal.ts';
import type { ConversationObject } from './to-conversation.ts';

/** OpenAI's conversations, and a list of them, which is ours. */
@Controller('v1/conversations')
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly ignored: IgnoredFields,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Body() body: unknown,
  ): Promise<ConversationObject> {
    const given = parseCreateConversation(body);
    this.ignored.tell(request, given.unreadFields);
    return this.conversations.create(tenant, given);
  }

  @Get()
  async list(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Query() query: unknown,
  ): Promise<ConversationList> {
    const page = parsePage(query);
    this.ignored.tellFields(request, page.unreadFields);
    return this.conversations.list(tenant, page);
  }

  @Get(':id')
  async get(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
  ): Promise<ConversationObject> {
    this.ignored.tell(request);
    return this.conversations.get(tenant, id);
  }

  @Post(':id')
  @HttpCode(200)
  async update(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<ConversationObject> {
    const given = parseUpdateConversation(body);
    this.ignored.tell(request, given.unreadFields);
    return this.conversations.update(tenant, id, given, leavingSignal(request));
  }

  @Delete(':id')
  async delete(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
  ): Promise<ConversationDeletedResource> {
    this.ignored.tell(request);
    return this.conversations.delete(tenant, id, leavingSignal(request));
  }
}
