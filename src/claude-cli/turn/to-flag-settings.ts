import { modelToolName, toolServerName } from '../session/client-tools.ts';
import { isBlankStop } from './stop-text.ts';
import type { ToolChoice, Turn } from './turn.ts';

/** The content of one `apply_flag_settings` request. Sets every key each time, so nothing of an earlier turn stays. */
export interface FlagSettings {
  readonly model: string;
  readonly effortLevel: string | null;
  readonly env: {
    /** The CLI merges it into the top level of its Messages API requests; empty: nothing. */
    readonly CLAUDE_CODE_EXTRA_BODY: string;
    readonly CLAUDE_CODE_MAX_OUTPUT_TOKENS: string;
  };
}

/**
 * The live settings of a turn.
 *
 * @param identity the CLI's identity block, which stays first in every system prompt
 * @param appliesSystem whether the system texts are applied live (see `Profile.lean`)
 */
export function toFlagSettings(turn: Turn, identity: string, appliesSystem: boolean): FlagSettings {
  const { settings } = turn;
  const body: Record<string, unknown> = {};
  if (appliesSystem && turn.system.length > 0) body['system'] = systemBlocks(identity, turn.system);
  if (settings.temperature !== undefined) body['temperature'] = settings.temperature;
  if (settings.topP !== undefined) body['top_p'] = settings.topP;
  if (settings.topK !== undefined) body['top_k'] = settings.topK;
  const stopSequences = settings.stopSequences?.filter((sequence) => !isBlankStop(sequence)) ?? [];
  if (stopSequences.length > 0) body['stop_sequences'] = stopSequences;
  if (settings.toolChoice && turn.tools.length > 0)
    body['tool_choice'] = toApiToolChoice(settings.toolChoice, toolServerName(turn.tools));
  if (settings.thinking === 'off') body['thinking'] = { type: 'disabled' };
  else if (settings.thinkingBudgetTokens !== undefined)
    body['thinking'] = { type: 'enabled', budget_tokens: settings.thinkingBudgetTokens };
  if (settings.outputSchema) {
    body['output_config'] = { format: { type: 'json_schema', schema: settings.outputSchema } };
  }
  return {
    model: turn.model,
    effortLevel: settings.effort ?? null,
    env: {
      CLAUDE_CODE_EXTRA_BODY: Object.keys(body).length > 0 ? JSON.stringify(body) : '',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: settings.maxOutputTokens === undefined ? '' : String(settings.maxOutputTokens),
    },
  };
}

function systemBlocks(identity: string, texts: readonly string[]): object[] {
  return [identity, ...texts].map((text, index) => ({
    type: 'text',
    text,
    ...(index === texts.length && { cache_control: { type: 'ephemeral' } }),
  }));
}

function toApiToolChoice(choice: ToolChoice, serverName: string): object {
  switch (choice.type) {
    case 'none':
      return { type: 'none' };
    case 'tool':
      return {
        type: 'tool',
        name: modelToolName(serverName, choice.name),
        ...(choice.disableParallelToolUse && { disable_parallel_tool_use: true }),
      };
    default:
      return { type: choice.type, ...(choice.disableParallelToolUse && { disable_parallel_tool_use: true }) };
  }
}
