import { Module } from '@nestjs/common';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ResponseCacheModule } from '../response-cache/response-cache.module.ts';
import { CacheStage } from './cache-stage.ts';
import { ChatController } from './chat.controller.ts';
import { ChatService } from './chat.service.ts';
import { ThinkingStore } from './thinking-store.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule, ResponseCacheModule],
  controllers: [ChatController],
  providers: [ChatService, CacheStage, ThinkingStore],
})
export class ChatModule {}
