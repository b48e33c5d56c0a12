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

/** The content of a request, independent of its API. */
export interface AskedTurn {
  /** The tenant and the records of the request. */
  readonly context: RequestContext;
  /** The client's name of the model. */
  readonly requestedModel: string;
  readonly turn: Turn;
  /** The number of requested choices, at least 1. */
  readonly choices: number;
  /** Whether the answer is streamed, so that sent parts are final. */
  readonly isStreamed: boolean;
  /** Whether the client allows its conversation to be written to disk. */
  readonly isStored: boolean;
  /** The required format of the answer's text; undefined for plain text. */
  readonly format: OutputFormat | undefined;
  readonly conversation: AskedConversation;
  /** The turn's changes of its conversation; undefined if all its messages begin a new one. */
  readonly continuation: Continuation | undefined;
  /** Set for a response that is stored under an id of its own. */
  readonly kept?: KeptResponse;
  readonly caching: Caching;
  readonly timing: TurnTiming;
  /** Response headers that are known only at the first piece. */
  readonly headers: Map<string, string>;
  /** Maps the request again after its conversation has changed. Rejects with a GatewayError. */
  readonly again: (conversation: AskedConversation) => Promise<AskedTurn>;
  /** The position of a tool in the body, by its name. */
  readonly findTool: (name: string) => ToolPlace | undefined;
}

/** A response that is stored as a point of its conversation, from which other requests can continue. */
export interface KeptResponse extends Pick<NewResponse, 'id' | 'isNamed'> {
  /**
   * The stored form of the response, given the end of the answer. Called once, after all other events have been emitted.
   */
  readonly write: (finish: AnswerEvent) => Pick<NewResponse, 'document' | 'privateDocument'>;
}

/** How the client wants to use the response cache, and who is notified of the result. */
export interface Caching {
  readonly control: CacheControl;
  /** What shapes the response besides its turn, including the API. */
  readonly identity: unknown;
  /** Called before the first event of the answer, and only if the cache is on. */
  readonly onStatus: (status: CacheStatus) => void;
}

/** The position of a tool and its schema in the body of a request. */
export interface ToolPlace {
  readonly path: string;
  readonly schemaPath: string;
}
