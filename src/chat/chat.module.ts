import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { ChatController } from './chat.controller.ts';
import { ChatConversations } from './chat-conversations.ts';
import { ChatPreparation } from './chat-preparation.ts';
import { ConversationStage } from './conversation-stage.ts';
import { ChatService } from './chat.service.ts';
import { ThinkingStore } from './thinking-store.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule, ConversationsModule],
  controllers: [ChatController],
  providers: [ChatService, ChatPreparation, ChatConversations, ConversationStage, ThinkingStore],
})
export class ChatModule {}
