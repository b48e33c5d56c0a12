import type { TurnSettings } from '../claude-cli/turn/turn.ts';

type Sampling = Pick<TurnSettings, 'temperature' | 'topP'>;

export interface ChosenSampling extends Sampling {
  /** The parameters that were not followed, and why, in the form for a header. Every API calls them so. */
  readonly notes: readonly string[];
}

/**
 * The sampling settings closest to the request that the Messages API allows.
 *
 * @param isThinking whether the model thinks before it answers
 */
export function chooseSampling({ temperature, topP }: Sampling, isThinking: boolean): ChosenSampling {
  if (isThinking) return { notes: [...whileThinking('temperature', temperature), ...whileThinking('top_p', topP)] };
  const notes: string[] = [];
  if (temperature !== undefined && temperature > 1) notes.push('temperature (1 is the highest; 1 is used)');
  const scaled = temperature === undefined ? undefined : Math.min(1, temperature);
  if (topP === undefined || topP === 1) return { notes, ...(scaled !== undefined && { temperature: scaled }) };
  // The newer models refuse both together; a temperature of 1 is the default.
  if (scaled === undefined || scaled === 1) return { notes, topP };
  notes.push('top_p (not together with temperature)');
  return { notes, temperature: scaled };
}

/** The Messages API refuses both together with thinking, except for their defaults. */
function whileThinking(parameter: string, value: number | undefined): string[] {
  const isDefault = value === undefined || value === 1;
  return isDefault ? [] : [`${parameter} (not available while the model thinks)`];
}
