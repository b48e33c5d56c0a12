import type { CatalogueModel } from '../../claude-cli/session/initialization.ts';
import type { Effort, TurnSettings } from '../../claude-cli/turn/turn.ts';
import { SMALLEST_BUDGET_TOKENS, thinkingBudget, thinkingKind } from './thinking-budget.ts';

export type DefaultEffort = 'none' | 'low' | 'medium' | 'high' | 'xhigh';
export type AskedEffort = 'none' | 'minimal' | Effort;

export interface ThinkingContext {
  /** The full id of the model, or the name that the CLI is given for it. */
  readonly modelId: string;
  /** What the CLI says of the model; undefined for one that it does not list. */
  readonly catalogue: CatalogueModel | undefined;
  /** What is done when the client does not say. */
  readonly defaultEffort: DefaultEffort;
  /** Whether the model has to call a tool. */
  readonly isToolForced: boolean;
  readonly maxOutputTokens: number | undefined;
}

export interface ChosenThinking extends Pick<TurnSettings, 'thinking' | 'effort' | 'thinkingBudgetTokens'> {
  /** How what the client asked for was not followed; never set when it did not ask. */
  readonly note?: string;
}

const LEVELS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/** Whether and how much the model thinks. */
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
    // A model that always thinks: as little as it can when the client asked for none, its own measure otherwise.
    if (asked === undefined) return { thinking: 'on' };
    const effort = nearest('low', catalogue.supportedEffortLevels);
    const use = effort === undefined ? '' : `; ${effort} is used`;
    return { thinking: 'on', ...(effort && { effort }), note: `the model always thinks${use}` };
  }
  const wanted = level === 'minimal' ? 'low' : level;
  if (kind === 'budget') {
    return { thinking: 'on', effort: wanted, thinkingBudgetTokens: thinkingBudget(wanted, maxOutputTokens) };
  }
  // The CLI leaves the level out where a model it knows has none.
  if (!catalogue) return { thinking: 'on', effort: wanted };
  const effort = nearest(wanted, catalogue.supportedEffortLevels);
  if (effort === undefined) return { thinking: 'on', ...note('this model thinks, but has no levels') };
  return { thinking: 'on', effort, ...(effort !== wanted && note(`${effort} is the nearest that this model has`)) };
}

/** What the Messages API refuses together with thinking. */
function obstacleTo({ modelId, isToolForced, maxOutputTokens }: ThinkingContext): string | undefined {
  if (isToolForced) return 'the model cannot think when it has to call a tool';
  const hasBudget = thinkingKind(modelId) === 'budget';
  if (hasBudget && maxOutputTokens !== undefined && maxOutputTokens <= SMALLEST_BUDGET_TOKENS) {
    return `the limit of the answer leaves no room to think; ${SMALLEST_BUDGET_TOKENS + 1} tokens are the least`;
  }
  return undefined;
}

/** The level itself, else the nearest above, else the highest; undefined where there are none. */
function nearest(wanted: Effort, supported: readonly string[]): Effort | undefined {
  const known = LEVELS.filter((level) => supported.includes(level));
  return known.find((level) => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted)) ?? known.at(-1);
}
