import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { KeysModule } from '../keys/keys.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { CliHealthIndicator } from './cli.health-indicator.ts';
import { HealthController } from './health.controller.ts';
import { KeysHealthIndicator } from './keys.health-indicator.ts';

@Module({
  // A failing check is an answer here, not an event to log.
  imports: [TerminusModule.forRoot({ logger: false }), ProcessPoolModule, KeysModule],
  controllers: [HealthController],
  providers: [CliHealthIndicator, KeysHealthIndicator],
})
export class HealthModule {}
