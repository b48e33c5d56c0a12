import { toolServerName } from './client-tools.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * Equal for turns that can continue each other's conversation. A change of the model would leave a note of the CLI in it,
 * and one of the tools would leave calls under names that are no longer there.
 */
export function contextKey(turn: Pick<Turn, 'model' | 'tools'>): string {
  return `${turn.model} ${toolServerName(turn.tools)}`;
}
