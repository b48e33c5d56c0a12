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

/** A block that a user message may hold, as the Messages API defines it. */
export type UserBlock = TextBlockParam | ImageBlockParam | DocumentBlockParam | ToolResultBlockParam;

/** A call of a tool, as the Messages API defines it. */
export type ToolCallBlock = ToolUseBlockParam & {
  /** The arguments as they were written, where that is not the JSON of `input`; not for the Messages API. */
  readonly json?: string;
};

/** A block that an assistant message may hold, as the Messages API defines it. */
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
  /** As the client named it, without the prefix under which the model sees it. */
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

/** What is applied live for one turn. What is absent is the CLI's own default, whatever the turn before had. */
export interface TurnSettings {
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** The answer ends before the first of them, also one of white space only, which the Messages API does not take. */
  readonly stopSequences?: readonly string[];
  /** `off` disables thinking, `on` leaves it to the model (adaptive or the CLI's budget). */
  readonly thinking?: 'off' | 'on';
  /** The CLI leaves it out where the model has no levels. */
  readonly effort?: Effort;
  /** For a model that thinks within a budget: 1,024 at least, and below the limit of the answer. */
  readonly thinkingBudgetTokens?: number;
  readonly toolChoice?: ToolChoice;
  /** A JSON Schema the answer must satisfy, enforced by the API while decoding. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

/** Everything the CLI is asked for in one request: plain data, no reference to where it came from. */
export interface Turn {
  /** A model id or alias of the CLI. */
  readonly model: string;
  /** The system texts in order; empty: none beyond the CLI's own identity line. */
  readonly system: readonly string[];
  /**
   * What was said before `message`. Begins with a user message, roles alternate strictly and it ends with
   * an assistant message; see `ConversationMessage` for its content.
   */
  readonly history: readonly ConversationMessage[];
  /** What is asked now. */
  readonly message: UserMessage;
  readonly tools: readonly ToolDefinition[];
  readonly settings: TurnSettings;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'refusal';

/** What a turn tells while it runs. `finish` is always the last; a failure is the error of the observable. */
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
  /** What the Messages API counts so far, the prompt above all; undefined where it has not told. */
  readonly usage?: TokenUsage;
}

/**
 * A block of the model's answer begins; what comes until its end belongs to it. Where a stage holds text back or mends it
 * the text comes without its blocks: a reader opens one with the first delta of another kind.
 */
export interface BlockStart {
  readonly type: 'block-start';
  /** The position among the blocks of the turn. */
  readonly index: number;
  readonly kind: BlockKind;
  /** Of a `redacted` block: thinking that only the provider can read. */
  readonly data?: string;
}

export type BlockKind = 'text' | 'reasoning' | 'tool-call' | 'redacted';

export interface BlockEnd {
  readonly type: 'block-end';
  readonly index: number;
  /** Of a `reasoning` block, without which the Messages API does not take it back. */
  readonly signature?: string;
}

export interface TurnFinish {
  readonly type: 'finish';
  readonly reason: FinishReason;
  /** The stop sequence that ended the answer, if one did. */
  readonly stopSequence?: string;
  /** The model that answered, as the API named it. */
  readonly model: string;
  readonly usage: TokenUsage;
  /** US dollars, the CLI's own estimate; undefined when the turn ended before the CLI accounted for it. */
  readonly costUsd?: number;
  /** The answer as the model gave it, thinking with its signatures included. */
  readonly content: readonly AssistantBlock[];
}
