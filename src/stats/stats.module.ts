import { Module } from '@nestjs/common';
import { RequestObserver } from '../common/http/access-log.middleware.ts';
import { KeysModule } from '../keys/keys.module.ts';
import { LimitsModule } from '../limits/limits.module.ts';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ResponseCacheModule } from '../response-cache/response-cache.module.ts';
import { StatsController } from './stats.controller.ts';
import { StatsService } from './stats.service.ts';

@Module({
  imports: [ProcessPoolModule, KeysModule, LimitsModule, ResponseCacheModule],
  controllers: [StatsController],
  providers: [StatsService, { provide: RequestObserver, useExisting: StatsService }],
  exports: [RequestObserver],
})
export class StatsModule {}
