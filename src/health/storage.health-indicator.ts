import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { ConversationStores } from '../conversations/conversation-stores.ts';

/** Reports the state of conversation storage. Never down, since the service is ready without it. */
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
