import { Injectable } from '@nestjs/common';
import type { Turn } from '../../claude-cli/turn/turn.ts';
import { AskedConversations, type AskedConversation } from '../asked-conversations.ts';
import type { AskedTurn } from '../asked-turn.ts';
import type { Continuation, HeldConversation } from '../continue-conversation.ts';
import { ThinkingStore } from '../thinking-store.ts';
import { TurnTiming } from '../turn-timing.ts';

/** A request as its door has read it, before its conversation is looked at. */
export interface AskedRequest extends Pick<
  AskedTurn,
  | 'context'
  | 'requestedModel'
  | 'choices'
  | 'isStreamed'
  | 'isStored'
  | 'format'
  | 'caching'
  | 'findTool'
  | 'conversation'
  | 'kept'
> {
  /** Whether it says itself what was answered before. */
  readonly isRetold: boolean;
  /** Its turn, given what the conversation holds; undefined for a new one. Pure; throws GatewayErrors. */
  readonly map: (held: HeldConversation | undefined) => MappedTurn;
  /** A failure of a later `map` in the client's terms; that of the first one is left to the door. */
  readonly toClientError: (error: unknown) => unknown;
}

export interface MappedTurn {
  readonly turn: Turn;
  /** Set for a turn that goes on with a conversation. */
  readonly continuation?: Continuation;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** Makes the asked turns of all doors. Everything rejects with what the doors throw. */
@Injectable()
export class AskedTurns {
  constructor(
    private readonly conversations: AskedConversations,
    private readonly thinking: ThinkingStore,
  ) {}

  /** The turn before its time in the queue of the conversation has come: what runs now may be what makes sense of it. */
  async map(request: AskedRequest): Promise<MappedTurn> {
    const { conversation } = request;
    try {
      return await this.mapWith(request, conversation);
    } catch (error) {
      if (!this.conversations.isBusy(conversation)) throw error;
      return this.mapWith(request, { ...conversation, found: undefined }).catch(() => Promise.reject(error as Error));
    }
  }

  toAsked(request: AskedRequest, mapped: MappedTurn): AskedTurn {
    const { context, conversation, isStored } = request;
    const timing = new TurnTiming(context.receivedAt);
    const headers = this.conversations.headers(conversation, isStored);
    return this.at(request, conversation, mapped, { timing, headers });
  }

  private at(
    request: AskedRequest,
    conversation: AskedConversation,
    mapped: MappedTurn,
    kept: Pick<AskedTurn, 'timing' | 'headers'>,
  ): AskedTurn {
    const { isRetold: _isRetold, map: _map, toClientError: _toClientError, ...asked } = request;
    return {
      ...asked,
      conversation,
      ...kept,
      turn: this.thinking.restore(conversation.tenant, mapped.turn),
      continuation: mapped.continuation,
      again: async (now) => this.at(request, now, await this.mapAgain(request, now), kept),
    };
  }

  /** Behind the door, which tells failures in the client's terms itself. */
  private async mapAgain(request: AskedRequest, conversation: AskedConversation): Promise<MappedTurn> {
    try {
      return await this.mapWith(request, conversation);
    } catch (error) {
      throw request.toClientError(error);
    }
  }

  private async mapWith(request: AskedRequest, conversation: AskedConversation): Promise<MappedTurn> {
    return request.map(await this.conversations.load(conversation, request.isRetold));
  }
}
