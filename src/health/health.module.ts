import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { CliHealthIndicator } from './cli.health-indicator.ts';
import { HealthController } from './health.controller.ts';

@Module({
  // A failing check is an answer here, not an event to log.
  imports: [TerminusModule.forRoot({ logger: false }), ProcessPoolModule],
  controllers: [HealthController],
  providers: [CliHealthIndicator],
})
export class HealthModule {}
