import { Injectable } from '@nestjs/common';
import type { Turn } from '../../claude-cli/turn/turn.ts';
import { AskedConversations, type AskedConversation } from '../asked-conversations.ts';
import type { AskedTurn } from '../asked-turn.ts';
import type { Continuation, HeldConversation } from '../continue-conversation.ts';
import { ThinkingStore } from '../thinking-store.ts';
import { TurnTiming } from '../turn-timing.ts';

/** A request as parsed by its door, before its conversation is loaded. */
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
  /** Whether it repeats the earlier answers itself. */
  readonly isRetold: boolean;
  /**
   * Maps the request to its turn, given the content of the conversation; undefined for a new one. Pure; throws
   * GatewayErrors.
   */
  readonly map: (held: HeldConversation | undefined) => MappedTurn;
  /** Maps an error of a later `map` to the client's terms; the door maps that of the first one. */
  readonly toClientError: (error: unknown) => unknown;
}

export interface MappedTurn {
  readonly turn: Turn;
  /** Set for a turn that continues a conversation. */
  readonly continuation?: Continuation;
  /** Accepted fields without effect, in the form for a header. */
  readonly ignored: readonly string[];
}

/** Creates the asked turns of all doors. All methods reject with the errors of the doors. */
@Injectable()
export class AskedTurns {
  constructor(
    private readonly conversations: AskedConversations,
    private readonly thinking: ThinkingStore,
  ) {}

  /**
   * Maps the turn before its place in the conversation's queue. If that fails while a turn runs, maps it without the
   * conversation, because the running turn may make the request valid.
   */
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

  /** Runs after the door, so it maps errors to the client's terms itself. */
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
