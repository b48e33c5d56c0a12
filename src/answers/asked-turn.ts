import type { Turn } from '../claude-cli/turn/turn.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import type { CacheControl } from '../response-cache/cache-control.ts';
import type { NewResponse } from '../conversations/store/conversation-store.ts';
import type { CacheStatus } from '../response-cache/cache-figures.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import type { AskedConversation } from './asked-conversations.ts';
import type { Continuation } from './continue-conversation.ts';
import type { OutputFormat } from './structured/output-format.ts';
import type { TurnTiming } from './turn-timing.ts';

/** What a request asks for, whatever the API that it came through. */
export interface AskedTurn {
  /** Who asks, and what is noted of the request. */
  readonly context: RequestContext;
  /** The model as the client named it. */
  readonly requestedModel: string;
  readonly turn: Turn;
  /** How many alternatives are wanted, 1 at least. */
  readonly choices: number;
  /** Whether the answer is sent as it comes, so that nothing of it can be taken back. */
  readonly isStreamed: boolean;
  /** Whether the client lets its conversation be written to disk. */
  readonly isStored: boolean;
  /** What the text of the answer has to be; undefined for plain text. */
  readonly format: OutputFormat | undefined;
  readonly conversation: AskedConversation;
  /** What the turn makes of its conversation; undefined where it begins one with all that it says. */
  readonly continuation: Continuation | undefined;
  /** Set for a response that is kept under an id of its own. */
  readonly kept?: KeptResponse;
  readonly caching: Caching;
  readonly timing: TurnTiming;
  /** Headers of the response that are known by its first piece only. */
  readonly headers: Map<string, string>;
  /** The same request after its conversation has changed. Rejects with a GatewayError. */
  readonly again: (conversation: AskedConversation) => Promise<AskedTurn>;
  /** Where a tool stands in the body, by its name. */
  readonly findTool: (name: string) => ToolPlace | undefined;
}

/** A response that is kept as a point of its conversation, which others can go on from. */
export interface KeptResponse extends Pick<NewResponse, 'id' | 'isNamed'> {
  /** What is kept of it, given the end of the answer; called once, when all other events of the answer were given out. */
  readonly write: (finish: AnswerEvent) => Pick<NewResponse, 'document' | 'privateDocument'>;
}

/** How a client wants the response cache to be used, and how it is told what happened. */
export interface Caching {
  readonly control: CacheControl;
  /** What shapes the response beside its turn, the API included. */
  readonly identity: unknown;
  /** Told before the first event of the answer, and only where the cache is on. */
  readonly onStatus: (status: CacheStatus) => void;
}

/** Where a tool and its schema stand in the body of a request. */
export interface ToolPlace {
  readonly path: string;
  readonly schemaPath: string;
}
