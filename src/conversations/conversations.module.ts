import { Module } from '@nestjs/common';
import { MediaModule } from '../media/media.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ConversationLine } from './conversation-line.ts';
import { ConversationsController } from './conversations.controller.ts';
import { ConversationsService } from './conversations.service.ts';
import { IgnoredFields } from './ignored-fields.ts';
import { ItemsController } from './items.controller.ts';
import { ConversationStores } from './conversation-stores.ts';

@Module({
  imports: [ProcessPoolModule, ModelsModule, MediaModule],
  controllers: [ConversationsController, ItemsController],
  providers: [ConversationStores, ConversationsService, ConversationLine, IgnoredFields],
  exports: [ConversationStores, ConversationLine, IgnoredFields],
})
export class ConversationsModule {}
