import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ChatController } from './chat.controller.ts';
import { ChatService } from './chat.service.ts';
import { ThinkingStore } from './thinking-store.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule, LimitsModule],
  controllers: [ChatController],
  providers: [ChatService, ThinkingStore],
})
export class ChatModule {}
