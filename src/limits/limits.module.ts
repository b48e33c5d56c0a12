import { Module } from '@nestjs/common';
import { LimitStage } from '../answers/stages/limit-stage.ts';
import { LimitStore } from './limit-store.ts';
import { LimitsService } from './limits.service.ts';
import { MemoryLimitStore } from './memory-limit-store.ts';

@Module({
  providers: [{ provide: LimitStore, useClass: MemoryLimitStore }, LimitsService, LimitStage],
  exports: [LimitsService, LimitStage],
})
export class LimitsModule {}
