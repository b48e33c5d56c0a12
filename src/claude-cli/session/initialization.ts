import type { ControlAnswer } from '../transport/control-channel.ts';

/** One model of the CLI's catalogue. */
export interface CatalogueModel {
  /** The CLI's name of the model: `default`, `sonnet`, `opus`, `haiku`, … */
  readonly value: string;
  /** The full model id sent upstream. */
  readonly resolvedModel: string;
  readonly displayName: string;
  /** Empty if the model has no effort setting. */
  readonly supportedEffortLevels: readonly string[];
  readonly supportsThinkingOff: boolean;
}

/** The CLI's answer to `initialize`. */
export interface Initialization {
  readonly models: readonly CatalogueModel[];
  readonly version: string | undefined;
}

interface RawModel {
  value?: unknown;
  resolvedModel?: unknown;
  displayName?: unknown;
  supportedEffortLevels?: unknown;
  supportsThinkingOff?: unknown;
}

/** Parses the answer to `initialize`; omits missing values. */
export function toInitialization(answer: ControlAnswer): Initialization {
  const models = Array.isArray(answer['models']) ? (answer['models'] as RawModel[]) : [];
  const version = answer['claude_code_version'];
  return { models: models.flatMap(toModel), version: typeof version === 'string' ? version : undefined };
}

function toModel(raw: RawModel): CatalogueModel[] {
  if (typeof raw.value !== 'string') return [];
  return [
    {
      value: raw.value,
      resolvedModel: typeof raw.resolvedModel === 'string' ? raw.resolvedModel : raw.value,
      displayName: typeof raw.displayName === 'string' ? raw.displayName : raw.value,
      supportedEffortLevels: Array.isArray(raw.supportedEffortLevels) ? raw.supportedEffortLevels.map(String) : [],
      supportsThinkingOff: raw.supportsThinkingOff !== false,
    },
  ];
}
