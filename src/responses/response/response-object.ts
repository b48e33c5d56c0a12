import { promptTokens } from '../../claude-cli/turn/token-usage.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerTotals } from '../../turns/answer-totals.ts';
import type { ResponseRequest } from '../request/response-request.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputText {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly [];
  readonly logprobs: readonly [];
}

export interface MessageItem {
  readonly id: string;
  readonly type: 'message';
  readonly status: ItemStatus;
  readonly role: 'assistant';
  readonly content: readonly OutputText[];
}

export interface ReasoningItem {
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  /** Only where the client asks for it. */
  readonly encrypted_content?: string | null;
}

interface CallItem {
  readonly id: string;
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  /** The group of the tool, whose name is no part of its own. */
  readonly namespace?: string;
}

export interface FunctionCallItem extends CallItem {
  readonly type: 'function_call';
  readonly arguments: string;
}

export interface CustomCallItem extends CallItem {
  readonly type: 'custom_tool_call';
  readonly input: string;
}

export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem | CustomCallItem;

/** OpenAI's usage of a response, with what it cost. */
export interface ResponseUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
  /** US dollars, as in the header `x-claude-code-cost-usd`, which a stream has sent before the cost is known. */
  readonly cost_usd?: number;
}

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** OpenAI's response; every field is always there. */
export interface ResponseObject {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly status: ResponseStatus;
  readonly background: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: 'max_output_tokens' | 'content_filter' } | null;
  readonly model: string;
  readonly output: readonly OutputItem[];
  readonly usage: ResponseUsage | null;
  readonly [field: string]: unknown;
}

/** What a response says of its request. */
export type ResponseEcho = Readonly<Record<string, unknown>>;

export interface EchoOptions {
  /** The body as it was sent, whose tools and choices are told as they stand there. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The conversation that the request names, if it does. */
  readonly conversationId: string | undefined;
}

/** What a response repeats of its request, with the defaults of what is not given. */
export function toEcho(request: ResponseRequest, { body, conversationId }: EchoOptions): ResponseEcho {
  const { text, reasoning } = request;
  return {
    conversation: conversationId === undefined ? null : { id: conversationId },
    frequency_penalty: 0,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    presence_penalty: 0,
    previous_response_id: request.previous_response_id ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    safety_identifier: request.safety_identifier ?? null,
    service_tier: 'default',
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: {
      format: body['text'] && text?.format ? text.format : { type: 'text' },
      verbosity: text?.verbosity ?? 'medium',
    },
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).length === 0 ? [] : body['tools'],
    top_logprobs: 0,
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    user: request.user ?? null,
  };
}

/** OpenAI's counts: `input_tokens` includes cached tokens, which `cached_tokens` repeats. */
export function toResponseUsage({ usage, costUsd }: Pick<AnswerTotals, 'usage' | 'costUsd'>): ResponseUsage {
  const prompt = promptTokens(usage);
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.thinkingTokens },
    total_tokens: prompt + usage.outputTokens,
    ...(costUsd !== undefined && { cost_usd: costUsd }),
  };
}

/** A failure in mid-response. Clients read from the text how long to wait. */
export function toResponseError({ code, message, status, retryAfterSeconds }: GatewayError): {
  code: string;
  message: string;
} {
  const wait = status === 429 && retryAfterSeconds !== undefined ? ` Please try again in ${retryAfterSeconds}s.` : '';
  return { code: code ?? (status < 500 ? 'invalid_prompt' : 'server_error'), message: `${message}${wait}` };
}
