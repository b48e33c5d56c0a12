import type { AskedTurn } from '../answers/asked-turn.ts';
import type { AnswerCollector, AnswerEncoder, PreparedAnswer } from '../answers/door/prepared-answer.ts';
import { randomHex } from '../common/random-text.ts';
import { MessageCollector } from './response/message-collector.ts';
import { MessageEncoder } from './response/message-encoder.ts';

/** A request of the Messages API that was understood. */
export class PreparedMessage implements PreparedAnswer {
  private readonly id = `msg_${randomHex(12)}`;

  constructor(
    readonly asked: AskedTurn,
    readonly ignored: readonly string[],
  ) {}

  encoder(): AnswerEncoder {
    return new MessageEncoder(this.id);
  }

  collector(): AnswerCollector {
    return new MessageCollector(this.id);
  }
}
