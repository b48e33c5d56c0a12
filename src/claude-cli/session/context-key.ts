import { toolServerName } from './client-tools.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * Equal for turns that can continue each other's conversation. After a change of the model the CLI would add a note; after
 * a change of the tools the calls would refer to names that no longer exist.
 */
export function contextKey(turn: Pick<Turn, 'model' | 'tools'>): string {
  return `${turn.model} ${toolServerName(turn.tools)}`;
}
