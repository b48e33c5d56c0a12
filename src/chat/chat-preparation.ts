import { Injectable } from '@nestjs/common';
import type { AskedTurn, Caching } from '../answers/asked-turn.ts';
import { AskedConversations, type AskedConversation } from '../answers/asked-conversations.ts';
import type { OutputFormat } from '../answers/structured/output-format.ts';
import { ThinkingStore } from '../answers/thinking-store.ts';
import { TurnTiming } from '../answers/turn-timing.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { MediaService } from '../media/media.service.ts';
import { resolveMedia, type ResolvedMedia } from '../media/resolve-media.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import type { PreparedChat } from './prepared-chat.ts';
import { toOpenAiBody, type OpenAiBody } from './request/client-forms/to-openai-body.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import { givenConversationId } from './request/given-conversation-id.ts';
import { mapResponseFormat } from './request/map-response-format.ts';
import { findTool } from './request/map-tools.ts';
import { mediaParts, missingMedia, type MediaPart } from './request/media-parts.ts';
import { toTurn, type MappedRequest } from './request/to-turn.ts';
import { UnderstoodRequests } from './request/understood-requests.ts';
import { newAnswerIdentity } from './response/answer-identity.ts';

/** What of a request stands beside its body. */
export interface RequestSurroundings {
  readonly context: RequestContext;
  /** The bytes of the body, where its values are not all of what they say. */
  readonly bytes: Buffer | undefined;
  /** The value of the header `x-conversation-id`. */
  readonly conversationId: string | undefined;
  readonly caching: Omit<Caching, 'identity'>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** A request that was read, whose conversation is still to be looked at. */
interface ReadChat {
  /** The body that it was read from. */
  readonly form: OpenAiBody;
  readonly request: ChatCompletionRequest;
  readonly model: ResolvedModel;
  /** Its images and files. */
  readonly media: ResolvedMedia<MediaPart>;
}

/** What of a turn does not depend on the conversation. */
type AskedBase = Omit<AskedTurn, 'turn' | 'conversation' | 'continuation' | 'again'>;

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
    private readonly conversations: AskedConversations,
    private readonly understood: UnderstoodRequests,
    private readonly settings: ClaudeSettings,
  ) {}

  async prepare(body: unknown, surroundings: RequestSurroundings): Promise<PreparedChat> {
    const form = toOpenAiBody(body, surroundings.bytes);
    return inClientTerms(form, this.understand(form, surroundings));
  }

  private async understand(form: OpenAiBody, surroundings: RequestSurroundings): Promise<PreparedChat> {
    const { context, caching, signal } = surroundings;
    const id = givenConversationId(form.body, surroundings.conversationId);
    const conversation = await this.conversations.open(context.tenant, id);
    // What a conversation says next is not said twice.
    const isRepeatable = caching.control.stores && !conversation.isGiven;
    const known = isRepeatable ? this.understood.find(context) : undefined;
    const request = known?.request ?? parseChatCompletionRequest(withModel(form, conversation), form);
    const model = await this.models.resolve(request.model, context.policy);
    const media = await resolveMedia(mediaParts(request.messages), this.media, context.tenant, signal);
    const read = { form, request, model, media };
    const format = known ? known.format : mapResponseFormat(request.response_format);
    const isKnown = known !== undefined && isSameModel(known.model, model);
    const mapped = isKnown ? known.mapped : await this.mapEarly(read, conversation);
    if (isRepeatable && !isKnown && media.size === 0) this.understood.keep(context, { request, model, mapped, format });
    const asked = this.toAsked(read, mapped, conversation, this.base(request, conversation, format, surroundings));
    return { asked, request, identity: newAnswerIdentity(conversation.id), ignored: mapped.ignored };
  }

  private base(
    request: ChatCompletionRequest,
    conversation: AskedConversation,
    format: OutputFormat | undefined,
    { context, caching }: RequestSurroundings,
  ): AskedBase {
    const isStored = request.store !== false;
    return {
      context,
      requestedModel: request.model,
      choices: request.n ?? 1,
      isStreamed: request.stream === true,
      isStored,
      format,
      caching: { ...caching, identity: cacheIdentity(request) },
      timing: new TurnTiming(context.receivedAt),
      headers: this.conversations.headers(conversation, isStored),
      findTool: (name) => findTool(request, name),
    };
  }

  private toAsked(read: ReadChat, mapped: MappedRequest, conversation: AskedConversation, base: AskedBase): AskedTurn {
    return {
      ...base,
      conversation,
      turn: this.thinking.restore(conversation.tenant, mapped.turn),
      continuation: mapped.continuation,
      again: async (now) => this.toAsked(read, await inClientTerms(read.form, this.map(read, now)), now, base),
    };
  }

  /** Before the turn of the request has come: what runs now may be what makes sense of it. */
  private async mapEarly(read: ReadChat, conversation: AskedConversation): Promise<MappedRequest> {
    try {
      return await this.map(read, conversation);
    } catch (error) {
      if (!this.conversations.isBusy(conversation)) throw error;
      return this.map(read, { ...conversation, found: undefined }).catch(() => Promise.reject(error as Error));
    }
  }

  private async map(
    { form, request, model, media }: ReadChat,
    conversation: AskedConversation,
  ): Promise<MappedRequest> {
    const isRetold = request.messages.some(({ role }) => role === 'assistant');
    const held = await this.conversations.load(conversation, isRetold);
    const mapped = toTurn(request, model, media, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
      ...(held && { conversation: held }),
    });
    const ignored = [...mapped.ignored, ...missingMedia(media)];
    return { ...mapped, ignored: ignored.map((entry) => form.origins.toClientEntry(form.body, entry)) };
  }
}

/** The seed has no effect on the model, but who sends another one asks for another answer. */
function cacheIdentity({ response_format: format, seed }: ChatCompletionRequest): object {
  return { api: 'chat', format: format ?? undefined, seed: seed ?? undefined };
}

function isSameModel(left: ResolvedModel, right: ResolvedModel): boolean {
  return left.cliModel === right.cliModel && left.catalogue === right.catalogue;
}

/** A request that goes on with a conversation need not name the model again. */
function withModel({ body, origins }: OpenAiBody, { found }: AskedConversation): unknown {
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
