import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.ts';
import { MediaModule } from '../media/media.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { MessagesController } from './messages.controller.ts';
import { MessagesPreparation } from './messages-preparation.ts';

@Module({
  imports: [AnswersModule, ModelsModule, MediaModule],
  controllers: [MessagesController],
  providers: [MessagesPreparation],
})
export class MessagesModule {}
