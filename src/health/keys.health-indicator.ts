import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { KeyRegistry } from '../keys/key-registry.ts';

/** Tells of a keys file that is not in force. The service serves all the same, with the keys of before. */
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
