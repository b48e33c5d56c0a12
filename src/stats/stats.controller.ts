import { Controller, Get } from '@nestjs/common';
import { Context } from '../common/http/context.decorator.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import type { KeyPolicy } from '../config/key-policy.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { ServerSettings } from '../config/settings.ts';
import { KeyRegistry } from '../keys/key-registry.ts';
import { LimitsService } from '../limits/limits.service.ts';
import { toKeyFigures, type KeyFigures } from './key-figures.ts';
import { StatsService, type Stats } from './stats.service.ts';

/**
 * The policy and usage of the requesting key and, with the right `admin`, usage and performance figures of the whole
 * service.
 */
@Controller('stats')
export class StatsController {
  constructor(
    private readonly stats: StatsService,
    private readonly limits: LimitsService,
    private readonly keys: KeyRegistry,
    private readonly server: ServerSettings,
  ) {}

  @Get()
  async read(@Context() context: RequestContext): Promise<Partial<Stats> & { readonly key: KeyFigures }> {
    const figures = this.mayReadAll(context.policy) ? this.stats.read() : {};
    return { ...figures, key: toKeyFigures(context, await this.limits.usage(context)) };
  }

  /** Without keys everybody may read all figures; then they are served on loopback only. */
  private mayReadAll({ admin }: KeyPolicy): boolean {
    return admin || (this.keys.isOpen && isLoopbackHost(this.server.host));
  }
}
