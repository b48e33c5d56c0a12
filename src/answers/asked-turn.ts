import type { Turn } from '../claude-cli/turn/turn.ts';
import type { RequestContext } from '../common/http/request-context.ts';
import type { CacheControl } from '../response-cache/cache-control.ts';
import type { CacheStatus } from '../response-cache/cache-figures.ts';
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
  /** What the turn makes of the conversation that it goes on with; undefined where it begins one. */
  readonly continuation: Continuation | undefined;
  readonly caching: Caching;
  readonly timing: TurnTiming;
  /** Headers of the response that are known by its first piece only. */
  readonly headers: Map<string, string>;
  /** The same request after its conversation has changed. Rejects with a GatewayError. */
  readonly again: (conversation: AskedConversation) => Promise<AskedTurn>;
  /** Where a tool stands in the body, by its name. */
  readonly findTool: (name: string) => ToolPlace | undefined;
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
