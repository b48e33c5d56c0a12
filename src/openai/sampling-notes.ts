import type { SamplingNote } from '../turns/choose-sampling.ts';

/** Parameters of sampling that were not followed, in words for a header. */
export function samplingNotes(notes: readonly SamplingNote[]): string[] {
  return notes.map(({ parameter, reason }) => `${parameter === 'topP' ? 'top_p' : parameter} (${reason})`);
}
