import type { Effort, TurnSettings } from '../../claude-cli/turn/turn.ts';
import { invalidRequest } from '../../common/errors/gateway-error.ts';
import { chooseThinking, type AskedEffort, type ThinkingContext } from '../../turns/thinking/choose-thinking.ts';
import { thinkingBudget, thinkingKind } from '../../turns/thinking/thinking-budget.ts';
import type { MessagesRequest } from './dto/messages-request.ts';

export interface MappedThinking {
  readonly settings: Pick<TurnSettings, 'thinking' | 'effort' | 'thinkingBudgetTokens'>;
  /** What of the request was not followed, in words for a header. */
  readonly ignored: readonly string[];
}

/** The level of the Messages API where the client names none. */
const DEFAULT_LEVEL: Effort = 'high';

const LEVELS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/**
 * Whether and how much the model thinks. A budget holds for models that think within one; for others it becomes the level
 * that is worth about as much. Throws a GatewayError of status 400 for a budget that leaves no room for the answer.
 */
export function mapThinking(
  { thinking, output_config: output, max_tokens: limit }: MessagesRequest,
  context: ThinkingContext,
): MappedThinking {
  const level = output?.effort ?? undefined;
  if (!thinking || thinking.type === 'adaptive') {
    const asked = thinking ? (level ?? DEFAULT_LEVEL) : level;
    return choose(asked, context, level === undefined ? 'thinking' : 'output_config.effort');
  }
  if (thinking.type === 'disabled') {
    const { settings, ignored } = choose('none', context, 'thinking');
    const isLost = level !== undefined && settings.thinking === 'off';
    return { settings, ignored: isLost ? [...ignored, 'output_config.effort (thinking is disabled)'] : ignored };
  }
  const { budget_tokens: budget } = thinking;
  if (budget >= limit) {
    const message = "'max_tokens' must be greater than 'thinking.budget_tokens'.";
    throw invalidRequest(message, 'thinking.budget_tokens', 'invalid_value');
  }
  const worth = level ?? levelWorth(budget);
  const { settings, ignored } = choose(worth, context, 'thinking');
  if (settings.thinking === 'off' || ignored.length > 0) return { settings, ignored };
  if (thinkingKind(context.modelId) === 'budget') return { settings: { ...settings, thinkingBudgetTokens: budget }, ignored }; // prettier-ignore
  return { settings, ignored: [`thinking.budget_tokens (this model has levels instead; ${settings.effort ?? worth} is used)`] }; // prettier-ignore
}

function choose(asked: AskedEffort | undefined, context: ThinkingContext, field: string): MappedThinking {
  const { note, ...settings } = chooseThinking(asked, context);
  return { settings, ignored: note === undefined ? [] : [`${field} (${note})`] };
}

/** The lowest level that is worth a budget, else the highest. */
function levelWorth(budget: number): Effort {
  return LEVELS.find((level) => thinkingBudget(level) >= budget) ?? 'max';
}
