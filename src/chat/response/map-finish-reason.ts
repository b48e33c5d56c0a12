import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { FinishReason } from '../../claude-cli/turn/turn.ts';

/** How calls are handed out: as `tool_calls`, or as the `function_call` of requests that use `functions`. */
export type CallForm = 'tools' | 'functions';

export const REFUSAL_TEXT = 'The model declined to answer this request.';

/** Why the answer ended, in OpenAI's terms. */
export function mapFinishReason(reason: FinishReason, form: CallForm): ChatCompletion.Choice['finish_reason'] {
  switch (reason) {
    case 'stop':
      return 'stop';
    case 'length':
      return 'length';
    case 'tool-calls':
      return form === 'functions' ? 'function_call' : 'tool_calls';
    case 'refusal':
      return 'content_filter';
  }
}
