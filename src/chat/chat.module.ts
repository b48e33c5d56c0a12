import { Module } from '@nestjs/common';
import { OpenStreams } from '../common/http/open-streams.ts';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { LimitsModule } from '../limits/limits.module.ts';
import { MediaModule } from '../media/media.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ResponseCacheModule } from '../response-cache/response-cache.module.ts';
import { AnswerStage } from '../answers/stages/thinking-stage.ts';
import { CacheStage } from '../answers/stages/cache-stage.ts';
import { ChatController } from './chat.controller.ts';
import { ChatConversations } from '../answers/asked-conversations.ts';
import { ChatPreparation } from './chat-preparation.ts';
import { ChatService } from '../answers/answers.service.ts';
import { ChoiceStage } from '../answers/stages/choice-stage.ts';
import { ConversationStage } from '../answers/stages/conversation-stage.ts';
import { ThinkingStore } from '../answers/thinking-store.ts';
import { UnderstoodRequests } from './request/understood-requests.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule, ConversationsModule, LimitsModule, MediaModule, ResponseCacheModule],
  controllers: [ChatController],
  providers: [
    ChatService,
    ChatPreparation,
    ChatConversations,
    ConversationStage,
    AnswerStage,
    CacheStage,
    ChoiceStage,
    ThinkingStore,
    UnderstoodRequests,
    OpenStreams,
  ],
})
export class ChatModule {}
