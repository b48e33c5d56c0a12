import type { Profile } from '../claude-cli/transport/launch-options.ts';
import type { ClaudeSettings, ConversationSettings, ProcessPoolSettings } from '../config/settings.ts';
import type { ProcessPoolOptions } from './pool/process-pool.ts';

/** Maps the settings to the options of the pool. */
export function toPoolOptions(
  profile: Profile,
  claude: ClaudeSettings,
  pool: ProcessPoolSettings,
  conversation: ConversationSettings,
): ProcessPoolOptions {
  return {
    profile,
    reuse: pool.reuse,
    isolateTenants: pool.isolateTenants,
    maxProcesses: claude.maxConcurrentSessions,
    size: pool.size,
    minIdle: pool.minIdle,
    maxIdle: pool.maxIdle,
    maxTurns: pool.maxTurns,
    maxAgeMs: pool.maxAgeMinutes * 60_000,
    maxMemoryBytes: pool.maxMemoryMegabytes * 1024 * 1024,
    // Without it a process rewinds its conversation after each turn.
    maxHeldMs: claude.useInteractiveSessions ? conversation.sessionTimeoutMinutes * 60_000 : 0,
    queueSize: pool.queueSize,
    queueTimeoutMs: pool.queueTimeoutSeconds * 1000,
    turnTimeoutMs: claude.timeoutSeconds * 1000,
    maxCutRetries: claude.maxRetries,
  };
}
