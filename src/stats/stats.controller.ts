import { Controller, Get } from '@nestjs/common';
import { StatsService, type Stats } from './stats.service.ts';

/** Usage and performance figures of this process, for people and scripts. */
@Controller('stats')
export class StatsController {
  constructor(private readonly stats: StatsService) {}

  @Get()
  read(): Stats {
    return this.stats.read();
  }
}
