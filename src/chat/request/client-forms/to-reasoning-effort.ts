import { invalidRequest } from '../../../common/errors/gateway-error.ts';
import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';

/** What a client asks for of thinking, and under which name. */
export interface AskedEffort {
  readonly effort: unknown;
  /** Where it stands in the client's body. */
  readonly path: string;
}

/** Up to these budgets of tokens an effort is meant. */
const BUDGETS = [
  [5_000, 'low'],
  [12_000, 'medium'],
] as const;

/**
 * The effort that is asked for in Anthropic's words (`thinking`, `output_config.effort`) or those of the Responses API and
 * of OpenRouter (`reasoning`); undefined where nothing is. Throws a GatewayError of status 400 for a kind of thinking that
 * does not exist.
 */
export function toReasoningEffort(body: JsonObject, context: FormContext): AskedEffort | undefined {
  const { thinking, reasoning, output_config: output } = body;
  const asked = [
    isJsonObject(thinking) && thinking['type'] === 'disabled' ? { effort: 'none', path: 'thinking.type' } : undefined,
    isJsonObject(reasoning) && reasoning['enabled'] === false
      ? { effort: 'none', path: 'reasoning.enabled' }
      : undefined,
    effortOf(output, 'output_config'),
    effortOf(reasoning, 'reasoning'),
    isJsonObject(thinking) ? ofThinking(thinking, context) : undefined,
    isJsonObject(reasoning) ? ofBudget(reasoning['max_tokens'], 'reasoning.max_tokens', context) : undefined,
  ];
  return asked.find((choice) => choice !== undefined);
}

function effortOf(value: unknown, path: string): AskedEffort | undefined {
  const effort = isJsonObject(value) ? (value['effort'] ?? undefined) : undefined;
  return effort === undefined ? undefined : { effort, path: `${path}.effort` };
}

function ofThinking({ type, budget_tokens: budget }: JsonObject, context: FormContext): AskedEffort {
  switch (type) {
    case 'disabled':
      return { effort: 'none', path: 'thinking.type' };
    case 'adaptive':
      return { effort: 'high', path: 'thinking.type' };
    case 'enabled':
    case undefined:
    case null:
      return ofBudget(budget, 'thinking.budget_tokens', context) ?? { effort: 'high', path: 'thinking.type' };
    default:
      throw invalidRequest(
        `Invalid value for 'thinking.type': ${JSON.stringify(type)?.slice(0, 100)}. Supported values are: 'enabled', 'disabled', 'adaptive'.`,
        'thinking.type',
        'invalid_value',
      );
  }
}

function ofBudget(budget: unknown, path: string, { ignored }: FormContext): AskedEffort | undefined {
  if (budget === undefined || budget === null) return undefined;
  if (typeof budget !== 'number') {
    throw invalidRequest(`Invalid type for '${path}': expected an integer.`, path, 'invalid_type');
  }
  const effort = BUDGETS.find(([tokens]) => budget <= tokens)?.[1] ?? 'high';
  ignored.add(`${path} (taken for the effort ${effort})`);
  return { effort, path };
}
