import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';

/** Whether the service can serve requests: the CLI, its credentials, its processes, and no drain. */
@Injectable()
export class CliHealthIndicator {
  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly pool: ProcessPoolService,
  ) {}

  check(): HealthIndicatorResult {
    const { state, problem, cliVersion, credentials, processes, queued, upstream } = this.pool.status();
    const details = {
      state,
      ...(problem && { problem }),
      ...(cliVersion && { version: cliVersion }),
      credentials,
      processes,
      queued,
      ...(upstream && { upstream }),
    };
    const indicator = this.indicator.check('cli');
    return state === 'ready' ? indicator.up(details) : indicator.down(details);
  }
}
