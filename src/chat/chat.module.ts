import { Module } from '@nestjs/common';
import { OpenStreams } from '../common/http/open-streams.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ChatController } from './chat.controller.ts';
import { ChatService } from './chat.service.ts';
import { ThinkingStore } from './thinking-store.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule],
  controllers: [ChatController],
  providers: [ChatService, OpenStreams, ThinkingStore],
})
export class ChatModule {}
