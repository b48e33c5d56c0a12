import type { CatalogueModel } from '../../claude-cli/session/initialization.ts';
import type { Effort, TurnSettings } from '../../claude-cli/turn/turn.ts';
import { SMALLEST_BUDGET_TOKENS, thinkingBudget, thinkingKind } from './thinking-budget.ts';

export type DefaultEffort = 'none' | 'low' | 'medium' | 'high' | 'xhigh';
export type AskedEffort = 'none' | 'minimal' | Effort;

export interface ThinkingContext {
  /** The full id of the model, or its name for the CLI. */
  readonly modelId: string;
  /** The CLI's catalogue entry; undefined for an unlisted model. */
  readonly catalogue: CatalogueModel | undefined;
  /** The default without a wish of the client. */
  readonly defaultEffort: DefaultEffort;
  /** Whether the model must call a tool. */
  readonly isToolForced: boolean;
  readonly maxOutputTokens: number | undefined;
}

export interface ChosenThinking extends Pick<TurnSettings, 'thinking' | 'effort' | 'thinkingBudgetTokens'> {
  /** How the result differs from the client's wish; unset without a wish. */
  readonly note?: string;
}

const LEVELS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/** Chooses whether and how much the model thinks. */
export function chooseThinking(asked: AskedEffort | undefined, context: ThinkingContext): ChosenThinking {
  const { catalogue, maxOutputTokens } = context;
  const level = asked ?? context.defaultEffort;
  const kind = thinkingKind(context.modelId);
  const note = (text: string): { note?: string } => (asked === undefined || asked === 'none' ? {} : { note: text });
  if (kind === 'none') return { thinking: 'off', ...note('this model does not think') };
  if (catalogue?.supportsThinkingOff !== false) {
    if (level === 'none') return { thinking: 'off' };
    const obstacle = obstacleTo(context);
    if (obstacle !== undefined) return { thinking: 'off', ...note(obstacle) };
  } else if (level === 'none') {
    // A model that always thinks: the minimum if the client asked for none, its default otherwise.
    if (asked === undefined) return { thinking: 'on' };
    const effort = nearest('low', catalogue.supportedEffortLevels);
    const use = effort === undefined ? '' : `; ${effort} is used`;
    return { thinking: 'on', ...(effort && { effort }), note: `the model always thinks${use}` };
  }
  const wanted = level === 'minimal' ? 'low' : level;
  if (kind === 'budget') {
    return { thinking: 'on', effort: wanted, thinkingBudgetTokens: thinkingBudget(wanted, maxOutputTokens) };
  }
  // The CLI omits the level for a known model without levels.
  if (!catalogue) return { thinking: 'on', effort: wanted };
  const effort = nearest(wanted, catalogue.supportedEffortLevels);
  if (effort === undefined) return { thinking: 'on', ...note('this model thinks, but has no levels') };
  return { thinking: 'on', effort, ...(effort !== wanted && note(`${effort} is the nearest that this model has`)) };
}

/** Why the Messages API refuses thinking; undefined if it does not. */
function obstacleTo({ modelId, isToolForced, maxOutputTokens }: ThinkingContext): string | undefined {
  if (isToolForced) return 'the model cannot think when it has to call a tool';
  const hasBudget = thinkingKind(modelId) === 'budget';
  if (hasBudget && maxOutputTokens !== undefined && maxOutputTokens <= SMALLEST_BUDGET_TOKENS) {
    return `the limit of the answer leaves no room to think; ${SMALLEST_BUDGET_TOKENS + 1} tokens are the least`;
  }
  return undefined;
}

/** The level itself, else the nearest above, else the highest; undefined without levels. */
function nearest(wanted: Effort, supported: readonly string[]): Effort | undefined {
  const known = LEVELS.filter((level) => supported.includes(level));
  return known.find((level) => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted)) ?? known.at(-1);
}
