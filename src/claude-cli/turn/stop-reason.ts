import type { FinishReason } from './turn.ts';

const KNOWN: ReadonlySet<string | null> = new Set([
  'end_turn',
  'stop_sequence',
  'tool_use',
  'max_tokens',
  'model_context_window_exceeded',
  'refusal',
]);

/** Whether this layer knows a stop reason of the Messages API. */
export function isKnownStopReason(stopReason: string | null): boolean {
  return KNOWN.has(stopReason);
}

/** Whether the model ended the answer itself. */
export function isNaturalEnd(stopReason: string | null): boolean {
  return stopReason === 'end_turn' || stopReason === 'stop_sequence';
}

export function mapStopReason(stopReason: string | null): FinishReason {
  switch (stopReason) {
    case 'tool_use':
      return 'tool-calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'refusal';
    default:
      return 'stop';
  }
}
