import { lastValueFrom } from 'rxjs';
import type { CanaryOptions } from './canary.ts';
import { CliProtocolError } from '../errors.ts';
import { plainProfile } from '../transport/launch-options.ts';
import { withLoopbackSession } from './loopback-session.ts';

export interface BuiltInToolsOptions extends CanaryOptions {
  /** Tool names from the settings. */
  readonly builtInTools: readonly string[];
}

/**
 * Checks that the CLI has these tools, because it drops unknown ones silently. Rejects with CliProtocolError and the
 * missing names, or with the session's error.
 */
export async function checkBuiltInTools({
  builtInTools,
  lean,
  signal,
  ...options
}: BuiltInToolsOptions): Promise<void> {
  if (builtInTools.length === 0) return;
  const profile = plainProfile(lean, builtInTools);
  const offered = await withLoopbackSession({ ...options, profile, signal }, async ({ session }) => {
    const message = { role: 'user', content: [{ type: 'text', text: 'first' }] } as const;
    await lastValueFrom(session.run({ model: 'sonnet', system: [], history: [], message, tools: [], settings: {} }, 0));
    return session.offeredTools;
  });
  const missing = builtInTools.filter((name) => !offered.includes(name));
  if (missing.length > 0) {
    throw new CliProtocolError(`the CLI has no tool named ${missing.join(', ')}, which the setting claude.tools names`);
  }
}
