import { Module } from '@nestjs/common';
import { LimitStore } from './limit-store.ts';
import { LimitsService } from './limits.service.ts';
import { MemoryLimitStore } from './memory-limit-store.ts';

@Module({
  providers: [{ provide: LimitStore, useClass: MemoryLimitStore }, LimitsService],
  exports: [LimitsService],
})
export class LimitsModule {}
