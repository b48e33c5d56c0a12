import { Injectable } from '@nestjs/common';
import { AskedConversations } from '../answers/asked-conversations.ts';
import { AskedTurns, type AskedRequest } from '../answers/door/asked-turns.ts';
import type { RequestSurroundings } from '../answers/door/door-responder.ts';
import { ClaudeSettings } from '../config/settings.ts';
import { ModelAccess } from '../models/model-access.ts';
import { PreparedCompletion } from './prepared-completion.ts';
import { parseCompletionRequest } from './request/completion-request.ts';
import { toTurn } from './request/to-turn.ts';

/** Understands bodies. Rejects with a GatewayError. */
@Injectable()
export class CompletionsPreparation {
  constructor(
    private readonly models: ModelAccess,
    private readonly turns: AskedTurns,
    private readonly conversations: AskedConversations,
    private readonly settings: ClaudeSettings,
  ) {}

  async prepare(body: unknown, { context, caching, conversationId }: RequestSurroundings): Promise<PreparedCompletion> {
    const request = parseCompletionRequest(body);
    const model = await this.models.resolve(request.model, context.policy);
    const asked: AskedRequest = {
      context,
      conversation: this.conversations.none(context.tenant),
      requestedModel: request.model,
      choices: request.n ?? 1,
      isStreamed: request.stream === true,
      isStored: false,
      format: undefined,
      // The seed has no effect on the model, but a client that sends another one asks for another answer.
      caching: { ...caching, identity: { api: 'completions', seed: request.seed ?? undefined } },
      findTool: () => undefined,
      isRetold: false,
      map: () =>
        toTurn(request, model, {
          defaultEffort: this.settings.defaultReasoningEffort,
          isStrict: this.settings.strictParameters,
          hasConversationHeader: conversationId !== undefined,
        }),
      toClientError: (error) => error,
    };
    const mapped = await this.turns.map(asked);
    return new PreparedCompletion(this.turns.toAsked(asked, mapped), mapped.ignored, request);
  }
}
