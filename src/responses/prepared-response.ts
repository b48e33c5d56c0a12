import type { AskedTurn } from '../answers/asked-turn.ts';
import type { AnswerCollector, AnswerEncoder, PreparedAnswer } from '../answers/door/prepared-answer.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { ResponseBuilder } from './response/response-builder.ts';
import { ResponseCollector, ResponseEncoder } from './response/response-encoder.ts';

/** A response that was understood. */
export class PreparedResponse implements PreparedAnswer {
  constructor(
    readonly asked: AskedTurn,
    readonly ignored: readonly string[],
    readonly toClientError: (error: unknown) => unknown,
    private readonly builder: ResponseBuilder,
  ) {}

  encoder(): AnswerEncoder {
    return new ResponseEncoder(this.builder);
  }

  collector(): AnswerCollector {
    return new ResponseCollector(this.builder);
  }
}

/**
 * Failures of what all APIs share with the client's names of what they are about.
 *
 * @param history the field that names what the request goes on with
 */
export function clientErrors(history: 'conversation' | 'previous_response_id'): (error: unknown) => unknown {
  const names: Readonly<Record<string, string>> = { messages: 'input', conversation_id: history };
  return (error) => {
    if (!(error instanceof GatewayError) || error.param === null) return error;
    const param = Object.hasOwn(names, error.param) ? names[error.param] : undefined;
    return param === undefined ? error : error.with(error.message, param);
  };
}
