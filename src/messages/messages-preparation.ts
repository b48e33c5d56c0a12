import { Injectable } from '@nestjs/common';
import { AskedConversations, type AskedConversation } from '../answers/asked-conversations.ts';
import type { HeldConversation } from '../answers/continue-conversation.ts';
import { AskedTurns, type AskedRequest, type MappedTurn } from '../answers/door/asked-turns.ts';
import type { RequestSurroundings } from '../answers/door/door-responder.ts';
import { inheritModel } from '../answers/door/inherit-model.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { MediaService } from '../media/media.service.ts';
import { resolveMedia, type ResolvedMedia } from '../media/resolve-media.ts';
import { ModelAccess } from '../models/model-access.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { keepDigits } from '../turns/numbers/keep-digits.ts';
import { PreparedMessage } from './prepared-message.ts';
import { parseMessagesRequest, type MessagesRequest } from './request/dto/messages-request.ts';
import { mapOutputFormat } from './request/map-output-format.ts';
import { findTool } from './request/map-tools.ts';
import { mediaBlocks, missingMedia, type MediaPart } from './request/media-blocks.ts';
import { SCHEMA_PATHS } from './request/schema-paths.ts';
import { toTurn } from './request/to-turn.ts';

/** A request that was read, whose conversation is still to be looked at. */
interface ReadRequest {
  readonly request: MessagesRequest;
  readonly model: ResolvedModel;
  readonly media: ResolvedMedia<MediaPart>;
  readonly hasBetas: boolean;
}

/** What a request says beside its body. */
export interface MessagesSurroundings extends RequestSurroundings {
  /** Whether it asks for features of Anthropic's that are in beta. */
  readonly hasBetas: boolean;
}

/**
 * Understands bodies, each together with its images and the conversation that it goes on with. Rejects with a
 * GatewayError, or with the reason of the signal once that is aborted.
 */
@Injectable()
export class MessagesPreparation {
  constructor(
    private readonly models: ModelAccess,
    private readonly media: MediaService,
    private readonly turns: AskedTurns,
    private readonly conversations: AskedConversations,
    private readonly settings: ClaudeSettings,
  ) {}

  async prepare(body: unknown, surroundings: MessagesSurroundings): Promise<PreparedMessage> {
    const { context, bytes, conversationId, signal, hasBetas } = surroundings;
    const changed = bytes ? keepDigits(body, bytes, SCHEMA_PATHS) : [];
    const conversation = await this.conversations.open(context.tenant, conversationId);
    const request = parseMessagesRequest(inheritModel(body, conversation.found?.record.model), changed);
    const model = await this.models.resolve(request.model, context.policy);
    const media = await resolveMedia(mediaBlocks(request.messages), this.media, context.tenant, signal);
    const asked = this.toAskedRequest({ request, model, media, hasBetas }, conversation, surroundings);
    const mapped = await this.turns.map(asked);
    return new PreparedMessage(this.turns.toAsked(asked, mapped), mapped.ignored);
  }

  private toAskedRequest(
    read: ReadRequest,
    conversation: AskedConversation,
    { context, caching }: RequestSurroundings,
  ): AskedRequest {
    const { request } = read;
    const format = mapOutputFormat(request);
    return {
      context,
      conversation,
      requestedModel: request.model,
      choices: 1,
      isStreamed: request.stream === true,
      isStored: request.store !== false,
      format,
      caching: { ...caching, identity: { api: 'messages', format: format?.schema } },
      findTool: (name) => findTool(request, name),
      isRetold: request.messages.some(({ role }) => role === 'assistant'),
      map: (held) => this.map(read, held),
      toClientError: (error) => error,
    };
  }

  private map({ request, model, media, hasBetas }: ReadRequest, held: HeldConversation | undefined): MappedTurn {
    const mapped = toTurn(request, model, media, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
      ...(held && { conversation: held }),
    });
    return { ...mapped, ignored: [...mapped.ignored, ...missingMedia(media), ...(hasBetas ? ['anthropic-beta'] : [])] };
  }
}
