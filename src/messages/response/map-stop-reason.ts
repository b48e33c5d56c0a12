import type { StopReason } from '@anthropic-ai/sdk/resources/messages';
import type { TurnFinish } from '../../claude-cli/turn/turn.ts';

/** Why the answer ended, in Anthropic's terms. */
export function mapStopReason({ reason, stopSequence }: Pick<TurnFinish, 'reason' | 'stopSequence'>): StopReason {
  switch (reason) {
    case 'stop':
      return stopSequence === undefined ? 'end_turn' : 'stop_sequence';
    case 'length':
      return 'max_tokens';
    case 'tool-calls':
      return 'tool_use';
    case 'refusal':
      return 'refusal';
  }
}
