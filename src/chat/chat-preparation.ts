import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../common/http/request-context.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { ModelResolver } from '../models/model-resolver.ts';
import { newAnswerIdentity } from './answer-identity.ts';
import { ChatConversations, type ChatConversation } from './chat-conversations.ts';
import type { PreparedChat } from './chat.service.ts';
import { parseChatCompletionRequest, type ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapResponseFormat } from './structured/output-format.ts';
import { SchemaChecker } from './structured/schema-checker.ts';
import { ThinkingStore } from './thinking-store.ts';
import { toTurn } from './to-turn.ts';
import { TurnTiming } from './turn-timing.ts';

type Understood = Pick<PreparedChat, 'request' | 'conversation' | 'turn' | 'ignored' | 'continuation'>;

/** Understands bodies, each together with the conversation that it goes on with. Rejects with a GatewayError. */
@Injectable()
export class ChatPreparation {
  private readonly schemas = new SchemaChecker();

  constructor(
    private readonly models: ModelResolver,
    private readonly thinking: ThinkingStore,
    private readonly conversations: ChatConversations,
    private readonly settings: ClaudeSettings,
  ) {}

  /** @param header the value of the header `x-conversation-id` */
  async prepare(body: unknown, context: RequestContext, header: string | undefined): Promise<PreparedChat> {
    const conversation = await this.conversations.open(context.tenant, body, header);
    const request = parseChatCompletionRequest(withModel(body, conversation));
    return {
      ...(await this.understandEarly(request, conversation)),
      format: await mapResponseFormat(request.response_format, this.schemas),
      identity: newAnswerIdentity(conversation.id),
      timing: new TurnTiming(context.receivedAt),
      headers: this.conversations.headers(conversation, request),
    };
  }

  /** The same request after its conversation has changed. */
  async again(prepared: PreparedChat, conversation: ChatConversation): Promise<PreparedChat> {
    return { ...prepared, ...(await this.understand(prepared.request, conversation)) };
  }

  /** Before the turn of the request has come: what runs now may be what makes sense of it. */
  private async understandEarly(request: ChatCompletionRequest, conversation: ChatConversation): Promise<Understood> {
    try {
      return await this.understand(request, conversation);
    } catch (error) {
      if (!this.conversations.isBusy(conversation)) throw error;
      return this.understand(request, { ...conversation, found: undefined }).catch(() =>
        Promise.reject(error as Error),
      );
    }
  }

  private async understand(request: ChatCompletionRequest, conversation: ChatConversation): Promise<Understood> {
    const model = this.models.resolve(request.model);
    const held = await this.conversations.load(conversation, request);
    const { turn, ignored, continuation } = toTurn(request, model, {
      defaultEffort: this.settings.defaultReasoningEffort,
      isStrict: this.settings.strictParameters,
      ...(held && { conversation: held }),
    });
    return { request, conversation, turn: this.thinking.restore(conversation.tenant, turn), ignored, continuation };
  }
}

/** A request that goes on with a conversation need not name the model again. */
function withModel(body: unknown, { found }: ChatConversation): unknown {
  if (typeof body !== 'object' || body === null || found?.record.model === undefined) return body;
  return 'model' in body ? body : { ...body, model: found.record.model };
}
