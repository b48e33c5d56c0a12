import { Injectable, ValidationPipe } from '@nestjs/common';
import * as classValidator from 'class-validator';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { Describe } from './field-validators.ts';
import { invalidValue, toInvalidRequest } from './problem-words.ts';
import { readFields } from './read-fields.ts';

/**
 * Nest's ValidationPipe for bodies and queries whose class has validators. The handler gets an instance of the class; the
 * client gets a GatewayError of status 400 that names the first wrong field. `readFields` replaces class-transformer, which
 * would copy and convert the whole body.
 */
@Injectable()
export class BodyValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      stopAtFirstError: true,
      validatorPackage: classValidator,
      transformerPackage: {
        plainToInstance: readFields,
        classToPlain: (fields) => ({ ...(fields as object) }),
      },
      exceptionFactory: toGatewayError,
    });
  }

  /** Keeps the body as it was sent: `readFields` copies no undeclared key, and the response names each as ignored. */
  protected override stripProtoKeys(): void {}

  /** Arrays of JSON have no gaps. */
  protected override closeArrayGaps(): void {}
}

function toGatewayError([error]: classValidator.ValidationError[]): GatewayError {
  const { property = '', value, constraints = {}, contexts = {} } = error ?? {};
  const [name = ''] = Object.keys(constraints);
  const context = contexts[name] as { describe?: Describe } | undefined;
  const problem = context?.describe?.(value, property);
  return toInvalidRequest(problem ?? invalidValue(property, constraints[name] ?? 'cannot be read'));
}
