import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { CliHealthIndicator } from './cli.health-indicator.ts';
import { HealthController } from './health.controller.ts';
import { StorageHealthIndicator } from './storage.health-indicator.ts';

@Module({
  // A failing check is an answer here, not an event to log.
  imports: [TerminusModule.forRoot({ logger: false }), ProcessPoolModule, ConversationsModule],
  controllers: [HealthController],
  providers: [CliHealthIndicator, StorageHealthIndicator],
})
export class HealthModule {}
