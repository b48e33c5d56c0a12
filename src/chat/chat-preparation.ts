import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { MediaService } from '../media/media.service.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { newAnswerIdentity } from './response/answer-identity.ts';
import { toOpenAiBody, type OpenAiBody } from './request/client-forms/to-openai-body.ts';
import { ChatConversations, type ChatConversation } from '../answers/asked-conversations.ts';
import { parseChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import type { PreparedChat } from './prepared-chat.ts';
import { missingMedia, resolveMedia } from '../media/resolve-media.ts';
import { mapResponseFormat } from '../answers/structured/output-format.ts';
import { ThinkingStore } from '../answers/thinking-store.ts';
import { toTurn, type MappedRequest } from './request/to-turn.ts';
import { TurnTiming } from '../answers/turn-timing.ts';
import { UnderstoodRequests } from './request/understood-requests.ts';

/** A request whose conversation is still to be looked at. */
type Read = Pick<PreparedChat, 'form' | 'request' | 'model' | 'media'>;
type Understood = Pick<PreparedChat, 'conversation' | 'turn' | 'ignored' | 'continuation'>;

/** What of a request stands beside its body. */
export interface RequestSurroundings {
  readonly context: RequestContext;
  /** The bytes of the body, where its values are not all of what they say. */
  readonly bytes: Buffer | undefined;
  /** The value of the header `x-conversation-id`. */
  readonly conversationId: string | undefined;
  /** Whether the client lets anything of the request be kept. */
  readonly mayBeKept: boolean;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/**
 * Understands bodies, each together with its images and the conversation that it goes on with. Rejects with a
 * GatewayError, or with the reason of the signal once that is aborted.
 */
@Injectable()
export class ChatPreparation {
  constructor(
    private readonly models: ModelAccess,
    private readonly media: MediaService,
    private readonly thinking: ThinkingStore,
    private readonly conversations: ChatConversations,
    private readonly understood: UnderstoodRequests,
    private readonly settings: ClaudeSettings,
  ) {}

  async prepare(body: unknown, surroundings: RequestSurroundings): Promise<PreparedChat> {
    const form = toOpenAiBody(body, surroundings.bytes);
    return inClientTerms(form, this.understand(form, surroundings));
  }

  /** The same request after its conversation has changed. */
  async again(prepared: PreparedChat, conversation: ChatConversation): Promise<PreparedChat> {
    const mapped = await inClientTerms(prepared.form, this.map(prepared, conversation));
    return { ...prepared, ...this.withThinking(mapped, conversation) };
  }

  private async understand(form: OpenAiBody, surroundings: RequestSurroundings): Promise<PreparedChat> {
    const { context, conversationId, mayBeKept, signal } = surroundings;
    const conversation = await this.conversations.open(context.tenant, form.body, conversationId);
    // What a conversation says next is not said twice.
    const isRepeatable = mayBeKept && !conversation.isGiven;
    const known = isRepeatable ? this.understood.find(context) : undefined;
    const request = known?.request ?? parseChatCompletionRequest(withModel(form, conversation), form);
    const model = await this.models.resolve(request.model, context.policy);
    const media = await resolveMedia(request.messages, this.media, context.tenant, signal);
    const read = { form, request, model, media };
    const format = known ? known.format : mapResponseFormat(request.response_format);
    const isKnown = known !== undefined && isSameModel(known.model, model);
    const mapped = isKnown ? known.mapped : await this.mapEarly(read, conversation);
    if (isRepeatable && !isKnown && media.size === 0) this.understood.keep(context, { request, model, mapped, format });
    return {
      ...read,
      ...this.withThinking(mapped, conversation),
      format,
      identity: newAnswerIdentity(conversation.id),
      timing: new TurnTiming(context.receivedAt),
      headers: this.conversations.headers(conversation, request),
    };
  }

  /** Before the turn of the request has come: what runs now may be what makes sense of it. */
  private async mapEarly(read: Read, conversation: ChatConversation): Promise<MappedRequest> {
    try {
      return await this.map(read, conversation);
    } catch (error) {
      if (!this.conversations.isBusy(conversation)) throw error;
      return this.map(read, { ...conversation, found: undefined }).catch(() => Promise.reject(error as Error));
    }
  }

  private async map({ form, request, model, media }: Read, conversation: ChatConversation): Promise<MappedRequest> {
    const held = await this.conversations.load(conversation, request);
    const mapped = toTurn(request, model, media, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
      ...(held && { conversation: held }),
    });
    const ignored = [...mapped.ignored, ...missingMedia(media)];
    return { ...mapped, ignored: ignored.map((entry) => form.origins.toClientEntry(form.body, entry)) };
  }

  private withThinking({ turn, ignored, continuation }: MappedRequest, conversation: ChatConversation): Understood {
    return { conversation, turn: this.thinking.restore(conversation.tenant, turn), ignored, continuation };
  }
}

function isSameModel(left: ResolvedModel, right: ResolvedModel): boolean {
  return left.cliModel === right.cliModel && left.catalogue === right.catalogue;
}

/** A request that goes on with a conversation need not name the model again. */
function withModel({ body, origins }: OpenAiBody, { found }: ChatConversation): unknown {
  if (typeof body !== 'object' || body === null || found?.record.model === undefined) return body;
  // As everywhere, null stands for what is not given.
  const isNamed = 'model' in body && body.model !== null;
  if (isNamed) return body;
  const named = { ...body, model: found.record.model };
  origins.copy(body, named);
  return named;
}

/** Names the fields that the client sent where the work fails. */
async function inClientTerms<T>({ body, origins }: OpenAiBody, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw origins.toClientError(body, error);
  }
}
