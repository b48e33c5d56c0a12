import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CliStartError } from '../errors.ts';

/** The oldest CLI that test/contract has covered. */
export const MINIMUM_CLI_VERSION = '2.1.330';

const VERSION_TIMEOUT_MS = 15_000;

/** The path of the CLI that is installed with this service. Throws CliStartError if the package is missing. */
export function bundledCommand(): string {
  try {
    const manifestFile = createRequire(import.meta.url).resolve('@anthropic-ai/claude-code/package.json');
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as { bin: { claude: string } };
    return join(dirname(manifestFile), manifest.bin.claude);
  } catch (error) {
    throw new CliStartError('cli-not-found', 'the bundled CLI is not installed; install the npm packages again', {
      cause: error,
    });
  }
}

/**
 * The CLI's version. Rejects with CliStartError if the CLI cannot run, prints no version or is too old.
 *
 * @param signal aborts the call
 */
export async function checkVersion(
  command: string,
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string> {
  const version = await readVersion(command, environment, signal);
  if (!isAtLeast(version, MINIMUM_CLI_VERSION)) {
    throw new CliStartError(
      'cli-version',
      `the CLI ${command} has version ${version}; at least ${MINIMUM_CLI_VERSION} is needed`,
    );
  }
  return version;
}

async function readVersion(
  command: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<string> {
  let output: string;
  try {
    const answer = await promisify(execFile)(command, ['--version'], {
      env: environment,
      timeout: VERSION_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    output = answer.stdout;
  } catch (error) {
    const isMissing = ['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw isMissing
      ? new CliStartError('cli-not-found', `the CLI ${command} is missing or cannot be executed`, { cause: error })
      : new CliStartError('cli-start-failed', `the CLI ${command} did not answer --version`, { cause: error });
  }
  const version = /^\d+\.\d+\.\d+/.exec(output.trim())?.[0];
  if (version === undefined) throw new CliStartError('cli-version', `the CLI ${command} printed no version`);
  return version;
}

/** Whether a dotted version is the given one or a later one. */
export function isAtLeast(version: string, minimum: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.split('.').map(Number).entries()) {
    const actual = parts[index] ?? 0;
    if (actual !== wanted) return actual > wanted;
  }
  return true;
}
