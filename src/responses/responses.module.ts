import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.ts';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { MediaModule } from '../media/media.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ReasoningSeal } from './reasoning-seal.ts';
import { ResponsesController } from './responses.controller.ts';
import { ResponsesPreparation } from './responses-preparation.ts';
import { StoredResponses } from './stored-responses.ts';

@Module({
  imports: [AnswersModule, ConversationsModule, ModelsModule, MediaModule],
  controllers: [ResponsesController],
  providers: [ResponsesPreparation, StoredResponses, ReasoningSeal],
})
export class ResponsesModule {}
