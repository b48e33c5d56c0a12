import { CliStartError } from '../../claude-cli/errors.ts';
import { runCanary } from '../../claude-cli/check/canary.ts';
import { checkBuiltInTools, type BuiltInToolsOptions } from '../../claude-cli/check/check-built-in-tools.ts';
import { checkVersion } from '../../claude-cli/check/version.ts';
import type { CliCheck } from './checked-cli.ts';

/** The checks take some seconds; this bounds a CLI that hangs in one. */
const DEADLINE_MS = 120_000;

/**
 * Runs the checks of a CLI in parallel: version, behaviour, tools. Rejects with the first failure, after all checks have
 * ended.
 *
 * @param signal aborts the checks and ends their CLI processes
 */
export async function checkCli(options: Omit<BuiltInToolsOptions, 'signal'>, signal: AbortSignal): Promise<CliCheck> {
  const failed = new AbortController();
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const either = AbortSignal.any([signal, failed.signal, deadline]);
  const checks = [
    checkVersion(options.command, options.environment, either),
    runCanary({ ...options, signal: either }),
    checkBuiltInTools({ ...options, signal: either }),
  ] as const;
  try {
    const [version, canary] = await Promise.all(checks);
    return { version, canary };
  } catch (error) {
    failed.abort();
    await Promise.allSettled(checks);
    if (!deadline.aborted) throw error;
    throw new CliStartError('cli-start-failed', `the CLI did not pass its checks within ${DEADLINE_MS / 1000} s`);
  }
}
