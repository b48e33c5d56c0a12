import { Module } from '@nestjs/common';
import { PoolPreparation } from './pool-preparation.ts';
import { PoolSettings } from './pool-settings.ts';
import { ProcessPoolService } from './process-pool.service.ts';
import { RunDirectory } from './system/run-directory.ts';
import { UpstreamWatch } from './upstream/upstream-watch.ts';

/** The application provides `ProcessEnvironment` and `StorageClaim`. */
@Module({
  providers: [PoolSettings, PoolPreparation, RunDirectory, UpstreamWatch, ProcessPoolService],
  exports: [ProcessPoolService],
})
export class ProcessPoolModule {}
