import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ConversationDeletedResource } from 'openai/resources/conversations/conversations';
import { requestContext } from '../common/http/request-context.ts';
import { ConversationsService, type ConversationList } from './conversations.service.ts';
import { parseCreateConversation, parsePage, parseUpdateConversation } from './dto/conversation-bodies.ts';
import type { ConversationObject } from './to-conversation.ts';

/** OpenAI's conversations, and a list of them, which is ours. */
@Controller('v1/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Post()
  @HttpCode(200)
  async create(@Req() request: Request, @Body() body: unknown): Promise<ConversationObject> {
    return this.conversations.create(tenantOf(request), parseCreateConversation(body));
  }

  @Get()
  async list(@Req() request: Request, @Query() query: unknown): Promise<ConversationList> {
    return this.conversations.list(tenantOf(request), parsePage(query));
  }

  @Get(':id')
  get(@Req() request: Request, @Param('id') id: string): Promise<ConversationObject> {
    return this.conversations.get(tenantOf(request), id);
  }

  @Post(':id')
  @HttpCode(200)
  async update(@Req() request: Request, @Param('id') id: string, @Body() body: unknown): Promise<ConversationObject> {
    return this.conversations.update(tenantOf(request), id, parseUpdateConversation(body));
  }

  @Delete(':id')
  delete(@Req() request: Request, @Param('id') id: string): Promise<ConversationDeletedResource> {
    return this.conversations.delete(tenantOf(request), id);
  }
}

function tenantOf(request: Request): string {
  return requestContext(request).tenant;
}
