import type { Turn } from '../claude-cli/turn/turn.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import type { AnswerIdentity } from './response/answer-identity.ts';
import type { OpenAiBody } from './request/client-forms/to-openai-body.ts';
import type { ChatConversation } from '../answers/asked-conversations.ts';
import type { Continuation } from '../answers/continue-conversation.ts';
import type { ChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import type { ResolvedMedia } from '../media/resolve-media.ts';
import type { OutputFormat } from '../answers/structured/output-format.ts';
import type { TurnTiming } from '../answers/turn-timing.ts';

/** A request that was understood. */
export interface PreparedChat {
  /** The body that it was understood from. */
  readonly form: OpenAiBody;
  readonly request: ChatCompletionRequest;
  readonly model: ResolvedModel;
  /** Its images and files. */
  readonly media: ResolvedMedia;
  readonly turn: Turn;
  /** What the text of the answer has to be; undefined for plain text. */
  readonly format: OutputFormat | undefined;
  readonly identity: AnswerIdentity;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
  readonly timing: TurnTiming;
  readonly conversation: ChatConversation;
  /** What the turn makes of the conversation that it goes on with; undefined where it begins one. */
  readonly continuation: Continuation | undefined;
  /** Headers of the answer that are known by its first piece only. */
  readonly headers: Map<string, string>;
}
