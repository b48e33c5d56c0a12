import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.ts';
import { MediaModule } from '../media/media.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { ChatController } from './chat.controller.ts';
import { ChatPreparation } from './chat-preparation.ts';
import { UnderstoodRequests } from './request/understood-requests.ts';

@Module({
  imports: [AnswersModule, ModelsModule, MediaModule],
  controllers: [ChatController],
  providers: [ChatPreparation, UnderstoodRequests],
})
export class ChatModule {}
