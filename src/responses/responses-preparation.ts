import { Injectable } from '@nestjs/common';
import { AskedConversations, type AskedConversation } from '../answers/asked-conversations.ts';
import type { AskedTurn, KeptResponse } from '../answers/asked-turn.ts';
import type { HeldConversation } from '../answers/continue-conversation.ts';
import { AskedTurns, type AskedRequest, type MappedTurn } from '../answers/door/asked-turns.ts';
import type { RequestSurroundings } from '../answers/door/door-responder.ts';
import { inheritModel } from '../answers/door/inherit-model.ts';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import { ClaudeSettings, ConversationSettings } from '../config/settings.ts';
import type { FoundResponse } from '../conversations/conversation-stores.ts';
import { MediaService } from '../media/media.service.ts';
import { resolveMedia } from '../media/resolve-media.ts';
import { ModelAccess } from '../models/model-access.ts';
import { keepDigits } from '../turns/numbers/keep-digits.ts';
import { clientErrors, PreparedResponse } from './prepared-response.ts';
import { ReasoningSeal } from './reasoning-seal.ts';
import { includesEncryptedReasoning } from './request/check-fields.ts';
import { givenHistory } from './request/given-history.ts';
import { isRetold } from './request/input-messages.ts';
import { mapTextFormat } from './request/map-text-format.ts';
import { mediaParts } from './request/media-parts.ts';
import { OfferedTools } from './request/offered-tools.ts';
import { missingInput, placeItems, referredIds, type PlacedItems } from './request/place-items.ts';
import { parseResponseRequest, type ResponseRequest } from './request/response-request.ts';
import { SCHEMA_PATHS } from './request/schema-paths.ts';
import { toTurn, type UnderstoodResponse } from './request/to-turn.ts';
import { ResponseBuilder } from './response/response-builder.ts';
import { newResponseId } from './response/response-ids.ts';
import { toEcho } from './response/response-object.ts';
import { StoredResponses, type PrivateDocument } from './stored-responses.ts';

/** What a request goes on with. */
interface Origin {
  /** The response that it names. */
  readonly previous: FoundResponse | undefined;
  /** The conversation that it names. */
  readonly named: AskedConversation | undefined;
}

/** Understands bodies, each together with what it goes on with. Rejects as ChatPreparation does. */
@Injectable()
export class ResponsesPreparation {
  constructor(
    private readonly models: ModelAccess,
    private readonly media: MediaService,
    private readonly turns: AskedTurns,
    private readonly conversations: AskedConversations,
    private readonly stored: StoredResponses,
    private readonly seal: ReasoningSeal,
    private readonly claude: ClaudeSettings,
    private readonly settings: ConversationSettings,
  ) {}

  async prepare(body: unknown, surroundings: RequestSurroundings): Promise<PreparedResponse> {
    const given = givenHistory(body, surroundings.conversationId);
    const toClientError = clientErrors(
      given.previousResponseId === undefined ? 'conversation' : 'previous_response_id',
    );
    try {
      const changedNumbers = surroundings.bytes ? keepDigits(body, surroundings.bytes, SCHEMA_PATHS) : [];
      const { tenant } = surroundings.context;
      const { previousResponseId, conversationId } = given;
      const origin: Origin = {
        previous: previousResponseId === undefined ? undefined : await this.previous(tenant, previousResponseId),
        named: conversationId === undefined ? undefined : await this.conversations.open(tenant, conversationId),
      };
      const model = origin.previous?.record.model ?? origin.named?.found?.record.model;
      const request = parseResponseRequest(inheritModel(body, model));
      const understood = await this.understand(request, origin, changedNumbers, surroundings);
      return await this.toPrepared(body as Readonly<Record<string, unknown>>, understood, origin, surroundings, toClientError); // prettier-ignore
    } catch (error) {
      throw toClientError(error);
    }
  }

  private async understand(
    request: ResponseRequest,
    origin: Origin,
    changedNumbers: readonly string[],
    { context, signal }: RequestSurroundings,
  ): Promise<UnderstoodResponse> {
    const { tenant, policy } = context;
    const model = await this.models.resolve(request.model, policy);
    const placed = await this.place(request, model.cliModel, origin, tenant);
    const hasInput = typeof request.input === 'string' || placed.items.length > 0;
    if (!hasInput && !origin.previous && !origin.named) throw missingInput();
    const media = await resolveMedia(mediaParts(placed.items), this.media, tenant, signal);
    return { request, model, tools: new OfferedTools(request.tools ?? []), placed, media, changedNumbers };
  }

  private async place(request: ResponseRequest, model: string, origin: Origin, tenant: string): Promise<PlacedItems> {
    const before = await this.stored.saidBefore(tenant, referredIds(request), model, origin.previous ?? origin.named?.found); // prettier-ignore
    return placeItems(request, {
      before,
      open: (sealed, path) => {
        const thinking = this.seal.open(tenant, sealed, `${path}.encrypted_content`);
        return thinking.model === model ? thinking.block : undefined;
      },
    });
  }

  private async toPrepared(
    body: Readonly<Record<string, unknown>>,
    understood: UnderstoodResponse,
    origin: Origin,
    surroundings: RequestSurroundings,
    toClientError: (error: unknown) => unknown,
  ): Promise<PreparedResponse> {
    const { request } = understood;
    const { tenant } = surroundings.context;
    const { previous, named } = origin;
    const builder = this.builder(body, understood, named, tenant);
    const conversation = await this.conversationOf(request, origin, tenant);
    const asked = this.askedRequest(understood, conversation, surroundings, {
      toClientError,
      ...(request.store !== false && { kept: keptResponse(builder, named !== undefined, understood.model.cliModel) }),
    });
    if (!previous) {
      const mapped = await this.turns.map(asked);
      return new PreparedResponse(this.turns.toAsked(asked, mapped), mapped.ignored, toClientError, builder);
    }
    const isContinued = conversation.id === previous.record.id;
    const branch = (): Promise<[AskedRequest, MappedTurn]> => this.branch(asked, understood, previous);
    const [origins, mapped] = isContinued ? [asked, await this.turns.map(asked)] : await branch();
    const turn = this.turns.toAsked(origins, mapped);
    // Another response has come behind the one that is named.
    const again = async (): Promise<AskedTurn> => {
      const [other, mappedAgain] = await branch();
      const { headers, timing } = turn;
      headers.set('x-conversation-id', other.conversation.id);
      return { ...this.turns.toAsked(other, mappedAgain), headers, timing };
    };
    return new PreparedResponse(isContinued ? { ...turn, again } : turn, mapped.ignored, toClientError, builder);
  }

  /** The request in a conversation of its own that begins with everything up to the response that it names. */
  private async branch(
    asked: AskedRequest,
    understood: UnderstoodResponse,
    previous: FoundResponse,
  ): Promise<[AskedRequest, MappedTurn]> {
    const { tenant } = asked.context;
    const held = await this.stored.heldAt(tenant, previous, this.settings.maxHistoryMessages);
    const conversation = asked.conversation.isGiven ? await this.conversations.open(tenant, undefined) : asked.conversation; // prettier-ignore
    const branched: AskedRequest = { ...asked, conversation, map: () => this.map(understood, held, true) };
    return [branched, await this.turns.map(branched)];
  }

  private async conversationOf(
    request: ResponseRequest,
    { previous, named }: Origin,
    tenant: string,
  ): Promise<AskedConversation> {
    if (named) return named;
    if (request.store === false) return this.conversations.none(tenant);
    if (!previous) return this.conversations.open(tenant, undefined);
    const { response, record } = previous;
    const continued = { id: record.id, tenant, found: previous, isGiven: true };
    const isLast = !response.isNamed && record.revision === response.revision;
    return isLast && !this.conversations.isBusy(continued) ? continued : this.conversations.open(tenant, undefined);
  }

  private askedRequest(
    understood: UnderstoodResponse,
    conversation: AskedConversation,
    { context, caching }: RequestSurroundings,
    door: Pick<AskedRequest, 'toClientError' | 'kept'>,
  ): AskedRequest {
    const { request, tools, placed } = understood;
    return {
      context,
      conversation,
      requestedModel: request.model,
      choices: 1,
      isStreamed: request.stream === true,
      isStored: request.store !== false,
      format: mapTextFormat(request),
      caching: { ...caching, identity: { api: 'responses', format: request.text?.format ?? undefined } },
      findTool: (name) => tools.find(name),
      isRetold: isRetold(placed.items),
      map: (held) => this.map(understood, held, false),
      ...door,
    };
  }

  private map(understood: UnderstoodResponse, held: HeldConversation | undefined, isCopied: boolean): MappedTurn {
    // As OpenAI has it, a history is cut only where the client lets it.
    const isCut = understood.request.truncation === 'auto';
    return toTurn(understood, {
      defaultEffort: this.claude.defaultReasoningEffort,
      isStrict: this.claude.strictParameters,
      isCopied,
      ...(held && { held: isCut ? held : { ...held, maxMessages: Number.POSITIVE_INFINITY } }),
    });
  }

  private builder(
    body: Readonly<Record<string, unknown>>,
    { request, tools, model }: UnderstoodResponse,
    named: AskedConversation | undefined,
    tenant: string,
  ): ResponseBuilder {
    const isSealed = includesEncryptedReasoning(request);
    return new ResponseBuilder({
      id: newResponseId(),
      createdAt: Math.floor(Date.now() / 1000),
      requestedModel: request.model,
      echo: toEcho(request, { body, conversationId: named?.id }),
      tools,
      seal: isSealed ? (block) => this.seal.seal(tenant, { model: model.cliModel, block }) : undefined,
    });
  }

  private async previous(tenant: string, id: string): Promise<FoundResponse> {
    const found = await this.stored.find(tenant, id);
    if (found) return found;
    throw invalidRequest(
      `Previous response with id '${id.slice(0, 100)}' not found.`,
      'previous_response_id',
      'previous_response_not_found',
    );
  }
}

function keptResponse(builder: ResponseBuilder, isNamed: boolean, model: string): KeptResponse {
  return {
    id: builder.id,
    isNamed,
    write: (finish) => {
      builder.accept(finish);
      const thinking = Object.fromEntries(builder.thinking);
      const hidden: PrivateDocument = { model, thinking };
      return {
        document: JSON.stringify(builder.response),
        ...(builder.thinking.size > 0 && { privateDocument: JSON.stringify(hidden) }),
      };
    },
  };
}
