import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { AssistantBlock } from '../turn/turn.ts';

/**
 * The lines of `--output-format stream-json`, as far as this layer reads them. Source: the types of the Agent SDK
 * (sdk.d.ts) and test/contract. Other types of lines are ignored.
 */

export interface ControlRequestLine {
  readonly type: 'control_request';
  readonly request_id: string;
  readonly request: { readonly subtype: string; readonly [field: string]: unknown };
}

export interface ControlResponseLine {
  readonly type: 'control_response';
  readonly response: {
    readonly subtype: 'success' | 'error';
    readonly request_id: string;
    readonly response?: Readonly<Record<string, unknown>>;
    readonly error?: string;
  };
}

/** Cancels a control request of the CLI. */
export interface ControlCancelLine {
  readonly type: 'control_cancel_request';
  readonly request_id: string;
}

export interface StreamEventLine {
  readonly type: 'stream_event';
  readonly event: RawMessageStreamEvent;
  /** Set if the event belongs to a subagent's message. */
  readonly parent_tool_use_id: string | null;
}

export interface AssistantLine {
  readonly type: 'assistant';
  readonly uuid: string;
  readonly message: {
    readonly id: string;
    readonly model: string;
    readonly content: readonly AssistantBlock[];
    readonly stop_reason: string | null;
    readonly stop_sequence?: string | null;
    readonly usage?: MessageUsage;
  };
  readonly parent_tool_use_id: string | null;
  /** Set if the text is the CLI's own report of a failure. */
  readonly error?: string;
  readonly request_id?: string;
}

export interface SystemLine {
  readonly type: 'system';
  readonly subtype: string;
  /** With subtype `init`: the names of the model's tools. */
  readonly tools?: readonly string[];
  /** With subtype `api_retry`. */
  readonly error_status?: number | null;
  readonly retry_delay_ms?: number;
  readonly attempt?: number;
  readonly error?: string;
}

export interface RateLimitLine {
  readonly type: 'rate_limit_event';
  readonly rate_limit_info?: {
    readonly status?: string;
    readonly rateLimitType?: string;
    /** In seconds since the epoch. */
    readonly resetsAt?: number;
    readonly utilization?: number;
    readonly unifiedWindows?: Readonly<Record<string, { readonly utilization?: number } | undefined>>;
  };
}

/** Running totals of a process for one model, in the result of a turn. */
export interface ModelUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadInputTokens?: number;
  readonly cacheCreationInputTokens?: number;
  readonly thinkingTokens?: number;
}

export interface MessageUsage {
  readonly input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null } | null;
}

export interface ResultLine {
  readonly type: 'result';
  readonly subtype: string;
  readonly is_error: boolean;
  readonly api_error_status?: number | null;
  readonly api_error_type?: string;
  readonly api_error?: string;
  readonly result?: string;
  readonly stop_reason?: string | null;
  readonly terminal_reason?: string;
  readonly usage?: MessageUsage;
  readonly total_cost_usd?: number;
  readonly modelUsage?: Readonly<Record<string, ModelUsage>>;
  readonly user_message_uuid?: string;
}

/** A line of a type that this layer does not read. */
export interface OtherLine {
  readonly type: 'user' | 'keep_alive';
}

export type CliLine =
  | ControlRequestLine
  | ControlResponseLine
  | ControlCancelLine
  | StreamEventLine
  | AssistantLine
  | SystemLine
  | RateLimitLine
  | ResultLine
  | OtherLine;

/** The parsed line; undefined if it is not a JSON object with a type. */
export function parseLine(line: string): CliLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    return typeof (value as { type?: unknown }).type === 'string' ? (value as CliLine) : undefined;
  } catch {
    return undefined;
  }
}
