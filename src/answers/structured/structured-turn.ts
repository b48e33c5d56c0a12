import type { Turn, TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { OutputFormat } from './output-format.ts';
import { repairMessage } from './output-instruction.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';

/** The turn with constrained decoding. */
export function constrainedTurn(turn: Turn, schema: Schema): Turn {
  return { ...turn, settings: { ...turn.settings, outputSchema: schema } };
}

/** The turn with an instruction for the format; its messages are unchanged, so that the conversation can continue. */
export function instructedTurn(turn: Turn, { instruction }: OutputFormat): Turn {
  return { ...turn, system: [...turn.system, instruction] };
}

/** The turn that continues after a wrong answer, on the process that gave it. */
export function repairTurn(turn: Turn, { content }: TurnFinish, problem: string): Turn {
  const repair = { type: 'text', text: repairMessage(problem) } as const;
  const settings = turn.tools.length > 0 ? { ...turn.settings, toolChoice: { type: 'none' } as const } : turn.settings;
  // A history cannot contain an answer without text.
  if (!content.some((block) => block.type === 'text' && block.text.trim() !== '')) {
    return { ...turn, settings, message: { role: 'user', content: [...turn.message.content, repair] } };
  }
  return {
    ...turn,
    settings,
    history: [...turn.history, turn.message, { role: 'assistant', content }],
    message: { role: 'user', content: [repair] },
  };
}
