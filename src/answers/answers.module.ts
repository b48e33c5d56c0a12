import { Module } from '@nestjs/common';
import { OpenStreams } from '../common/http/open-streams.ts';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { LimitsModule } from '../limits/limits.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ResponseCacheModule } from '../response-cache/response-cache.module.ts';
import { AnswersService } from './answers.service.ts';
import { AskedConversations } from './asked-conversations.ts';
import { AskedTurns } from './door/asked-turns.ts';
import { DoorResponder } from './door/door-responder.ts';
import { ModelTurns } from './model-turns.ts';
import { CacheStage } from './stages/cache-stage.ts';
import { ChoiceStage } from './stages/choice-stage.ts';
import { ConversationStage } from './stages/conversation-stage.ts';
import { FormatStage } from './stages/format-stage.ts';
import { LimitStage } from './stages/limit-stage.ts';
import { ReportStage } from './stages/report-stage.ts';
import { SchemaStage } from './stages/schema-stage.ts';
import { ThinkingStage } from './stages/thinking-stage.ts';
import { SchemaChecker } from './structured/schema-checker.ts';
import { StructuredOutput } from './structured/structured-output.ts';
import { ThinkingStore } from './thinking-store.ts';

@Module({
  imports: [ProcessPoolModule, ConversationsModule, LimitsModule, ResponseCacheModule],
  providers: [
    AnswersService,
    AskedConversations,
    ReportStage,
    ConversationStage,
    ThinkingStage,
    CacheStage,
    SchemaStage,
    LimitStage,
    ChoiceStage,
    FormatStage,
    ModelTurns,
    StructuredOutput,
    ThinkingStore,
    AskedTurns,
    DoorResponder,
    OpenStreams,
    { provide: SchemaChecker, useFactory: () => new SchemaChecker() },
  ],
  exports: [AnswersService, AskedConversations, AskedTurns, DoorResponder],
})
export class AnswersModule {}
