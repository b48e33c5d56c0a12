import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ConversationsModule } from '../conversations/conversations.module.ts';
import { KeysModule } from '../keys/keys.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { CliHealthIndicator } from './cli.health-indicator.ts';
import { HealthController } from './health.controller.ts';
import { KeysHealthIndicator } from './keys.health-indicator.ts';
import { StorageHealthIndicator } from './storage.health-indicator.ts';

@Module({
  // A failed check is a regular response, not an event for the log.
  imports: [TerminusModule.forRoot({ logger: false }), ProcessPoolModule, ConversationsModule, KeysModule],
  controllers: [HealthController],
  providers: [CliHealthIndicator, StorageHealthIndicator, KeysHealthIndicator],
})
export class HealthModule {}
