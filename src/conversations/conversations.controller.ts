import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ConversationDeletedResource } from 'openai/resources/conversations/conversations';
import { checkEmbeddedJson } from '../common/body/check-embedded-json.ts';
import { unreadFields } from '../common/body/unread-fields.ts';
import { Context } from '../common/http/context.decorator.ts';
import { ConversationsService, type ConversationList } from './conversations.service.ts';
import { CreateConversationBody, UpdateConversationBody } from './dto/conversation-bodies.ts';
import { callArguments, unusedFields } from './dto/item-schema.ts';
import { PageQuery } from './dto/page-query.ts';
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
    @Body() body: CreateConversationBody,
  ): Promise<ConversationObject> {
    const items = body.items ?? [];
    checkEmbeddedJson(callArguments(items));
    this.ignored.tell(request, [...unusedFields(items), ...unreadFields(request.body, body)]);
    return this.conversations.create(tenant, body);
  }

  @Get()
  async list(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Query() page: PageQuery,
  ): Promise<ConversationList> {
    this.ignored.tellFields(request, unreadFields(request.query, page));
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
    @Body() body: UpdateConversationBody,
  ): Promise<ConversationObject> {
    this.ignored.tell(request, unreadFields(request.body, body));
    return this.conversations.update(tenant, id, body, leavingSignal(request));
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
