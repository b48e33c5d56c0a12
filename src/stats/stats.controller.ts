import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { requestContext } from '../common/http/request-context.ts';
import { LimitsService } from '../limits/limits.service.ts';
import { toKeyFigures, type KeyFigures } from './key-figures.ts';
import { StatsService, type Stats } from './stats.service.ts';

/** Usage and performance figures of this process, and the standing of the key that asks, for people and scripts. */
@Controller('stats')
export class StatsController {
  constructor(
    private readonly stats: StatsService,
    private readonly limits: LimitsService,
  ) {}

  @Get()
  async read(@Req() request: Request): Promise<Stats & { readonly key: KeyFigures }> {
    const context = requestContext(request);
    return { ...this.stats.read(), key: toKeyFigures(context, await this.limits.usage(context)) };
  }
}
