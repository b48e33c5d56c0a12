import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ConversationItem, ConversationItemList } from 'openai/resources/conversations/items';
import { checkEmbeddedJson } from '../common/body/check-embedded-json.ts';
import { unreadFields } from '../common/body/unread-fields.ts';
import { Context } from '../common/http/context.decorator.ts';
import { ConversationsService } from './conversations.service.ts';
import { CreateItemsBody } from './dto/conversation-bodies.ts';
import { callArguments, unusedFields } from './dto/item-schema.ts';
import { PageQuery } from './dto/page-query.ts';
import { IgnoredFields } from './ignored-fields.ts';
import { leavingSignal } from './leaving-signal.ts';
import type { ConversationObject } from './to-conversation.ts';

/** OpenAI's items of a conversation. */
@Controller('v1/conversations/:id/items')
export class ItemsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly ignored: IgnoredFields,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Body() body: CreateItemsBody,
  ): Promise<ConversationItemList> {
    checkEmbeddedJson(callArguments(body.items));
    this.ignored.tell(request, [...unusedFields(body.items), ...unreadFields(request.body, body)]);
    return this.conversations.addItems(tenant, id, body, leavingSignal(request));
  }

  @Get()
  async list(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Query() page: PageQuery,
  ): Promise<ConversationItemList> {
    this.ignored.tellFields(request, unreadFields(request.query, page));
    return this.conversations.listItems(tenant, id, page);
  }

  @Get(':itemId')
  async get(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Param('itemId') itemId: string,
  ): Promise<ConversationItem> {
    this.ignored.tell(request);
    return this.conversations.getItem(tenant, id, itemId);
  }

  @Delete(':itemId')
  async delete(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Param('itemId') itemId: string,
  ): Promise<ConversationObject> {
    this.ignored.tell(request);
    return this.conversations.deleteItem(tenant, id, itemId, leavingSignal(request));
  }
}
