import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ConversationItem, ConversationItemList } from 'openai/resources/conversations/items';
import { requestContext } from '../common/http/request-context.ts';
import { ConversationsService } from './conversations.service.ts';
import { parseCreateItems, parsePage } from './dto/conversation-bodies.ts';
import { IgnoredFields } from './ignored-fields.ts';
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
    @Res({ passthrough: true }) response: Response,
    @Param('id') id: string,
    @Query() query: object,
    @Body() body: unknown,
  ): Promise<ConversationItemList> {
    const given = parseCreateItems(body);
    this.ignored.tell(response, [...given.unreadFields, ...Object.keys(query)]);
    return this.conversations.addItems(tenantOf(request), id, given);
  }

  @Get()
  async list(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('id') id: string,
    @Query() query: unknown,
  ): Promise<ConversationItemList> {
    const page = parsePage(query);
    this.ignored.tell(response, page.unreadFields);
    return this.conversations.listItems(tenantOf(request), id, page);
  }

  @Get(':itemId')
  async get(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Param('id') id: string,
    @Param('itemId') itemId: string,
    @Query() query: object,
  ): Promise<ConversationItem> {
    this.ignored.tell(response, Object.keys(query));
    return this.conversations.getItem(tenantOf(request), id, itemId);
  }

  @Delete(':itemId')
  delete(
    @Req() request: Request,
    @Param('id') id: string,
    @Param('itemId') itemId: string,
  ): Promise<ConversationObject> {
    return this.conversations.deleteItem(tenantOf(request), id, itemId);
  }
}

function tenantOf(request: Request): string {
  return requestContext(request).tenant;
}
