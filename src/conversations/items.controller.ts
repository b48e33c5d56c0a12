import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ConversationItem, ConversationItemList } from 'openai/resources/conversations/items';
import { Context } from '../common/http/context.decorator.ts';
import { ConversationsService } from './conversations.service.ts';
import { parseCreateItems, parsePage } from './dto/conversation-bodies.ts';
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
    @Body() body: unknown,
  ): Promise<ConversationItemList> {
    const given = parseCreateItems(body);
    this.ignored.tell(request, given.unreadFields);
    return this.conversations.addItems(tenant, id, given, leavingSignal(request));
  }

  @Get()
  async list(
    @Req() request: Request,
    @Context('tenant') tenant: string,
    @Param('id') id: string,
    @Query() query: unknown,
  ): Promise<ConversationItemList> {
    const page = parsePage(query);
    this.ignored.tellFields(request, page.unreadFields);
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
