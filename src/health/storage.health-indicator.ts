import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ConversationStores } from '../conversations/conversation-stores.ts';

/** How the storage of conversations is. The service is ready without it, so this is told and never counts as down. */
@Injectable()
export class StorageHealthIndicator {
  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly stores: ConversationStores,
  ) {}

  check(): HealthIndicatorResult {
    const { problem } = this.stores;
    return this.indicator
      .check('storage')
      .up(problem === undefined ? { state: 'ready' } : { state: 'degraded', problem });
  }
}
