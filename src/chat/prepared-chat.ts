import type { AskedTurn } from '../answers/asked-turn.ts';
import type { ChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import type { AnswerIdentity } from './response/answer-identity.ts';

/** A chat completion that was understood. */
export interface PreparedChat {
  /** What it asks for, in no API's terms. */
  readonly asked: AskedTurn;
  readonly request: ChatCompletionRequest;
  readonly identity: AnswerIdentity;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
}
