import type { AskedTurn } from '../answers/asked-turn.ts';
import type { AnswerCollector, AnswerEncoder, PreparedAnswer } from '../answers/door/prepared-answer.ts';
import { callFormOf } from './response/call-form.ts';
import type { ChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import type { AnswerIdentity } from './response/answer-identity.ts';
import { ChunkEncoder } from './response/to-chunks.ts';
import { CompletionCollector } from './response/to-completion.ts';

/** A chat completion that was understood. */
export class PreparedChat implements PreparedAnswer {
  constructor(
    readonly asked: AskedTurn,
    readonly ignored: readonly string[],
    private readonly request: ChatCompletionRequest,
    private readonly identity: AnswerIdentity,
  ) {}

  encoder(): AnswerEncoder {
    return new ChunkEncoder({
      identity: this.identity,
      callForm: callFormOf(this.request),
      includesUsage: this.request.stream_options?.include_usage === true,
    });
  }

  collector(): AnswerCollector {
    return new CompletionCollector(this.identity, callFormOf(this.request));
  }
}
