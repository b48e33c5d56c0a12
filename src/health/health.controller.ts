import { Controller, Get, UseFilters } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { CliHealthIndicator } from './cli.health-indicator.ts';
import { HealthFilter } from './health.filter.ts';
import { StorageHealthIndicator } from './storage.health-indicator.ts';
import { KeysHealthIndicator } from './keys.health-indicator.ts';

/** For orchestrators: `live` while the service responds, `ready` while it can serve requests. */
@Controller('health')
@UseFilters(HealthFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cli: CliHealthIndicator,
    private readonly storage: StorageHealthIndicator,
    private readonly keys: KeysHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cli.check(), () => this.storage.check(), () => this.keys.check()]);
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.check();
  }

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }
}
