import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { MediaService } from '../media/media.service.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { newAnswerIdentity } from './answer-identity.ts';
import { ChatConversations, type ChatConversation } from './chat-conversations.ts';
import { parseChatCompletionRequest } from './dto/chat-completion-request.ts';
import type { PreparedChat } from './prepared-chat.ts';
import { resolveMedia } from './resolve-media.ts';
import { mapResponseFormat } from './structured/output-format.ts';
import { SchemaChecker } from './structured/schema-checker.ts';
import { ThinkingStore } from './thinking-store.ts';
import { toTurn, type MappedRequest } from './to-turn.ts';
import { TurnTiming } from './turn-timing.ts';
import { UnderstoodRequests } from './understood-requests.ts';

/** A request whose conversation is still to be looked at. */
type Read = Pick<PreparedChat, 'request' | 'model' | 'media'>;
type Understood = Pick<PreparedChat, 'conversation' | 'turn' | 'ignored' | 'continuation'>;

/** What of a request stands beside its body. */
export interface RequestSurroundings {
  readonly context: RequestContext;
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
  private readonly schemas = new SchemaChecker();

  constructor(
    private readonly models: ModelAccess,
    private readonly media: MediaService,
    private readonly thinking: ThinkingStore,
    private readonly conversations: ChatConversations,
    private readonly understood: UnderstoodRequests,
    private readonly settings: ClaudeSettings,
  ) {}

  async prepare(body: unknown, surroundings: RequestSurroundings): Promise<PreparedChat> {
    const { context, conversationId, mayBeKept, signal } = surroundings;
    const conversation = await this.conversations.open(context.tenant, body, conversationId);
    // What a conversation says next is not said twice.
    const isRepeatable = mayBeKept && !conversation.isGiven;
    const known = isRepeatable ? this.understood.find(context) : undefined;
    const request = known?.request ?? parseChatCompletionRequest(withModel(body, conversation));
    const model = await this.models.resolve(request.model, context.policy);
    const media = await resolveMedia(request.messages, this.media, context.tenant, signal);
    const read = { request, model, media };
    const isKnown = known !== undefined && isSameModel(known.model, model);
    const mapped = isKnown ? known.mapped : await this.mapEarly(read, conversation);
    if (isRepeatable && !isKnown && media.size === 0) this.understood.keep(context, { request, model, mapped });
    return {
      ...read,
      ...this.withThinking(mapped, conversation),
      format: await mapResponseFormat(request.response_format, this.schemas, { tenant: context.tenant, signal }),
      identity: newAnswerIdentity(conversation.id),
      timing: new TurnTiming(context.receivedAt),
      headers: this.conversations.headers(conversation, request),
    };
  }

  /** The same request after its conversation has changed. */
  async again(prepared: PreparedChat, conversation: ChatConversation): Promise<PreparedChat> {
    return { ...prepared, ...this.withThinking(await this.map(prepared, conversation), conversation) };
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

  private async map({ request, model, media }: Read, conversation: ChatConversation): Promise<MappedRequest> {
    const held = await this.conversations.load(conversation, request);
    return toTurn(request, model, media, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
      ...(held && { conversation: held }),
    });
  }

  private withThinking({ turn, ignored, continuation }: MappedRequest, conversation: ChatConversation): Understood {
    return { conversation, turn: this.thinking.restore(conversation.tenant, turn), ignored, continuation };
  }
}

function isSameModel(left: ResolvedModel, right: ResolvedModel): boolean {
  return left.cliModel === right.cliModel && left.catalogue === right.catalogue;
}

/** A request that goes on with a conversation need not name the model again. */
function withModel(body: unknown, { found }: ChatConversation): unknown {
  if (typeof body !== 'object' || body === null || found?.record.model === undefined) return body;
  // As everywhere, null stands for what is not given.
  const isNamed = 'model' in body && body.model !== null;
  return isNamed ? body : { ...body, model: found.record.model };
}
