import type {
  DocumentBlockParam,
  ImageBlockParam,
  RedactedThinkingBlockParam,
  TextBlockParam,
  ThinkingBlockParam,
  ToolResultBlockParam,
  ToolUseBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import type { TokenUsage } from './token-usage.ts';

/** A block of a user message, as the Messages API defines it. */
export type UserBlock = TextBlockParam | ImageBlockParam | DocumentBlockParam | ToolResultBlockParam;

/** A tool call, as the Messages API defines it. */
export type ToolCallBlock = ToolUseBlockParam & {
  /** The arguments as written, if they differ from the JSON of `input`. Not sent to the Messages API. */
  readonly json?: string;
};

/** A block of an assistant message, as the Messages API defines it. */
export type AssistantBlock = TextBlockParam | ThinkingBlockParam | RedactedThinkingBlockParam | ToolCallBlock;

export interface UserMessage {
  readonly role: 'user';
  /** Never empty; a text block is never the empty string. */
  readonly content: readonly UserBlock[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  /** Never empty; a text block is never the empty string. */
  readonly content: readonly AssistantBlock[];
}

export type ConversationMessage = UserMessage | AssistantMessage;

/** A tool of the client: offered to the model, never executed here. */
export interface ToolDefinition {
  /** The client's name of the tool, without the prefix that the model sees. */
  readonly name: string;
  readonly description?: string;
  /** A JSON Schema of type object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** How the model may use the tools of a turn. */
export type ToolChoice =
  | { readonly type: 'auto'; readonly disableParallelToolUse?: boolean }
  | { readonly type: 'any'; readonly disableParallelToolUse?: boolean }
  | { readonly type: 'none' }
  | { readonly type: 'tool'; readonly name: string; readonly disableParallelToolUse?: boolean };

/** Settings of one turn, applied live. An absent one has the CLI's default, whatever the turn before had. */
export interface TurnSettings {
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /**
   * The answer ends before the first of them. Includes those of white space only, which the Messages API does not accept.
   */
  readonly stopSequences?: readonly string[];
  /** `off` disables thinking, `on` leaves it to the model (adaptive or the CLI's budget). */
  readonly thinking?: 'off' | 'on';
  /** The CLI omits it for models without effort levels. */
  readonly effort?: Effort;
  /** For a model with a thinking budget: at least 1,024, and below the limit of the answer. */
  readonly thinkingBudgetTokens?: number;
  readonly toolChoice?: ToolChoice;
  /** A JSON Schema for the answer, which the API enforces by constrained decoding. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

/** Everything that one request asks of the CLI: plain data, independent of its door. */
export interface Turn {
  /** A model id or alias of the CLI. */
  readonly model: string;
  /** The system texts in order; empty: none beyond the CLI's own identity line. */
  readonly system: readonly string[];
  /**
   * The messages before `message`. Begins with a user message, alternates roles strictly and ends with an assistant
   * message; see `ConversationMessage` for its content.
   */
  readonly history: readonly ConversationMessage[];
  /** The client's new message. */
  readonly message: UserMessage;
  readonly tools: readonly ToolDefinition[];
  readonly settings: TurnSettings;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'refusal';

/** The events of a running turn. `finish` is always the last; a failure is the error of the observable. */
export type TurnEvent =
  | TurnStart
  | BlockStart
  | BlockEnd
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | { readonly type: 'tool-call-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly json: string }
  | TurnFinish;

/** The model has begun. */
export interface TurnStart {
  readonly type: 'start';
  readonly model: string;
  /** The Messages API's counts so far, mainly of the prompt; undefined if it reported none. */
  readonly usage?: TokenUsage;
}

/**
 * A block of the answer begins; the deltas until its end belong to it. If a stage holds back or repairs text, the text has
 * no block events: a reader opens a block at the first delta of another kind.
 */
export interface BlockStart {
  readonly type: 'block-start';
  /** The position among the blocks of the turn. */
  readonly index: number;
  readonly kind: BlockKind;
  /** For a `redacted` block: thinking that only the provider can read. */
  readonly data?: string;
}

export type BlockKind = 'text' | 'reasoning' | 'tool-call' | 'redacted';

export interface BlockEnd {
  readonly type: 'block-end';
  readonly index: number;
  /** For a `reasoning` block: the Messages API accepts it in a history only with its signature. */
  readonly signature?: string;
}

export interface TurnFinish {
  readonly type: 'finish';
  readonly reason: FinishReason;
  /** The stop sequence that ended the answer, if any. */
  readonly stopSequence?: string;
  /** The model that answered, as the API named it. */
  readonly model: string;
  readonly usage: TokenUsage;
  /** US dollars, the CLI's estimate; undefined if the turn ended before the CLI reported it. */
  readonly costUsd?: number;
  /** The model's answer, including thinking with its signatures. */
  readonly content: readonly AssistantBlock[];
}
