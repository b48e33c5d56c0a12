import type { AskedTurn } from '../answers/asked-turn.ts';
import type { AnswerCollector, AnswerEncoder, PreparedAnswer } from '../answers/door/prepared-answer.ts';
import type { CompletionRequest } from './request/completion-request.ts';
import { newCompletionIdentity } from './response/completion-identity.ts';
import { TextChunkEncoder } from './response/to-text-chunks.ts';
import { TextCompletionCollector } from './response/to-text-completion.ts';

/** A text completion that was understood. */
export class PreparedCompletion implements PreparedAnswer {
  private readonly identity = newCompletionIdentity();

  constructor(
    readonly asked: AskedTurn,
    readonly ignored: readonly string[],
    private readonly request: CompletionRequest,
  ) {}

  encoder(): AnswerEncoder {
    return new TextChunkEncoder({
      identity: this.identity,
      echo: this.echo,
      includesUsage: this.request.stream_options?.include_usage === true,
    });
  }

  collector(): AnswerCollector {
    return new TextCompletionCollector(this.identity, this.echo);
  }

  /** The text that every choice begins with. */
  private get echo(): string {
    return this.request.echo === true ? this.request.prompt : '';
  }
}
