import { Injectable } from '@nestjs/common';
import { AskedConversations, type AskedConversation } from '../answers/asked-conversations.ts';
import type { HeldConversation } from '../answers/continue-conversation.ts';
import { AskedTurns, type AskedRequest, type MappedTurn } from '../answers/door/asked-turns.ts';
import type { RequestSurroundings } from '../answers/door/door-responder.ts';
import { inheritModel } from '../answers/door/inherit-model.ts';
import type { OutputFormat } from '../answers/structured/output-format.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { MediaService } from '../media/media.service.ts';
import { resolveMedia, type ResolvedMedia } from '../media/resolve-media.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { PreparedChat } from './prepared-chat.ts';
import { toOpenAiBody, type OpenAiBody } from './request/client-forms/to-openai-body.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './request/dto/chat-completion-request.ts';
import { givenConversationId } from './request/given-conversation-id.ts';
import { mapResponseFormat } from './request/map-response-format.ts';
import { findTool } from './request/map-tools.ts';
import { mediaParts, missingMedia, type MediaPart } from './request/media-parts.ts';
import { toTurn } from './request/to-turn.ts';
import { UnderstoodRequests } from './request/understood-requests.ts';
import { newAnswerIdentity } from './response/answer-identity.ts';

/** A request that was read, whose conversation is still to be looked at. */
interface ReadChat {
  /** The body that it was read from. */
  readonly form: OpenAiBody;
  readonly request: ChatCompletionRequest;
  readonly model: ResolvedModel;
  /** Its images and files. */
  readonly media: ResolvedMedia<MediaPart>;
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
    private readonly turns: AskedTurns,
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
    const asked = this.toAskedRequest(read, conversation, format, surroundings);
    const mapped = isKnown ? known.mapped : await this.turns.map(asked);
    if (isRepeatable && !isKnown && media.size === 0) this.understood.keep(context, { request, model, mapped, format });
    return new PreparedChat(
      this.turns.toAsked(asked, mapped),
      mapped.ignored,
      request,
      newAnswerIdentity(conversation.id),
    );
  }

  private toAskedRequest(
    read: ReadChat,
    conversation: AskedConversation,
    format: OutputFormat | undefined,
    { context, caching }: RequestSurroundings,
  ): AskedRequest {
    const { form, request } = read;
    return {
      context,
      conversation,
      requestedModel: request.model,
      choices: request.n ?? 1,
      isStreamed: request.stream === true,
      isStored: request.store !== false,
      format,
      caching: { ...caching, identity: cacheIdentity(request) },
      findTool: (name) => findTool(request, name),
      isRetold: request.messages.some(({ role }) => role === 'assistant'),
      map: (held) => this.map(read, held),
      toClientError: (error) => form.origins.toClientError(form.body, error),
    };
  }

  private map({ form, request, model, media }: ReadChat, held: HeldConversation | undefined): MappedTurn {
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

/** A request that continues a conversation need not name the model again. */
function withModel({ body, origins }: OpenAiBody, { found }: AskedConversation): unknown {
  const named = inheritModel(body, found?.record.model);
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
