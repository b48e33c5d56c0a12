import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { KeyRegistry } from '../keys/key-registry.ts';

/** Reports a keys file that is not in force. Never down, since the service continues with the previous keys. */
@Injectable()
export class KeysHealthIndicator {
  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly keys: KeyRegistry,
  ) {}

  check(): HealthIndicatorResult {
    const { isOpen, problem } = this.keys;
    return this.indicator.check('keys').up({ required: !isOpen, ...(problem !== undefined && { problem }) });
  }
}
