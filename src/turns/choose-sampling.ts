import type { TurnSettings } from '../claude-cli/turn/turn.ts';

type Sampling = Pick<TurnSettings, 'temperature' | 'topP'>;

export interface ChosenSampling extends Sampling {
  /** The parts of the request that were not followed, and why. */
  readonly notes: readonly SamplingNote[];
}

export interface SamplingNote {
  readonly parameter: keyof Sampling;
  readonly reason: string;
}

/**
 * The sampling settings closest to the request that the Messages API allows.
 *
 * @param isThinking whether the model thinks before it answers
 */
export function chooseSampling({ temperature, topP }: Sampling, isThinking: boolean): ChosenSampling {
  if (isThinking) return { notes: whileThinking({ temperature, topP }) };
  const notes: SamplingNote[] = [];
  if (temperature !== undefined && temperature > 1) {
    notes.push({ parameter: 'temperature', reason: '1 is the highest; 1 is used' });
  }
  const scaled = temperature === undefined ? undefined : Math.min(1, temperature);
  if (topP === undefined || topP === 1) return { notes, ...(scaled !== undefined && { temperature: scaled }) };
  // The newer models refuse both together; a temperature of 1 is the default.
  if (scaled === undefined || scaled === 1) return { notes, topP };
  notes.push({ parameter: 'topP', reason: 'not together with temperature' });
  return { notes, temperature: scaled };
}

/** The Messages API refuses both together with thinking, except for their defaults. */
function whileThinking(sampling: Sampling): SamplingNote[] {
  return (['temperature', 'topP'] as const).flatMap((parameter) => {
    const value = sampling[parameter];
    const isDefault = value === undefined || value === 1;
    return isDefault ? [] : { parameter, reason: 'not available while the model thinks' };
  });
}
