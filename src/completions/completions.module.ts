import { Module } from '@nestjs/common';
import { AnswersModule } from '../answers/answers.module.ts';
import { ModelsModule } from '../models/models.module.ts';
import { CompletionsController } from './completions.controller.ts';
import { CompletionsPreparation } from './completions-preparation.ts';

@Module({
  imports: [AnswersModule, ModelsModule],
  controllers: [CompletionsController],
  providers: [CompletionsPreparation],
})
export class CompletionsModule {}
