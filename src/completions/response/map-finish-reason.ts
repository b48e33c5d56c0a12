import type { CompletionChoice } from 'openai/resources/completions';
import type { FinishReason } from '../../claude-cli/turn/turn.ts';

/** Why the answer ended, in OpenAI's terms. */
export function mapFinishReason(reason: FinishReason): CompletionChoice['finish_reason'] {
  switch (reason) {
    case 'stop':
    // No tools are offered.
    case 'tool-calls':
      return 'stop';
    case 'length':
      return 'length';
    case 'refusal':
      return 'content_filter';
  }
}
