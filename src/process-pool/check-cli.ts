import { runCanary, type CanaryOptions } from '../claude-cli/canary.ts';
import { checkVersion } from '../claude-cli/version.ts';
import type { CliCheck } from './checked-cli.ts';

/**
 * Checks a CLI's version and behaviour at once. Rejects with what is wrong with it; where one fails, the other is ended
 * before that.
 *
 * @param signal ends the checks early, and with them the CLI that they run on
 */
export async function checkCli(options: Omit<CanaryOptions, 'signal'>, signal: AbortSignal): Promise<CliCheck> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const checks = [
    checkVersion(options.command, options.environment, either),
    runCanary({ ...options, signal: either }),
  ] as const;
  try {
    const [version, canary] = await Promise.all(checks);
    return { version, canary };
  } catch (error) {
    failed.abort();
    await Promise.allSettled(checks);
    throw error;
  }
}
