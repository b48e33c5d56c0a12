import { realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CanaryReport } from '../../claude-cli/check/canary.ts';
import { CliStartError } from '../../claude-cli/errors.ts';

/** The pause before a failed check is repeated on the same CLI: the cause may have been outside the CLI. */
const RECHECK_AFTER_MS = 10_000;

/** The results of the checks of a CLI. */
export interface CliCheck {
  readonly version: string;
  readonly canary: CanaryReport;
}

export interface CheckedCliOptions {
  /** A path, or a name to look up in `path`. */
  readonly command: string;
  readonly path: string;
  /** Checks version and behaviour. Rejects if the CLI fails. */
  readonly check: () => Promise<CliCheck>;
  /** Called when the service has found and checked a replaced CLI; `error` if it failed. */
  readonly onReplaced: (error?: Error) => void;
}

/**
 * The CLI on disk and the result of its checks. If the file is replaced while the service runs, no process starts before
 * the new CLI has passed the checks.
 */
export class CheckedCli {
  private checked: { readonly fingerprint: string; readonly result: CliCheck } | undefined;
  private recheck: Promise<void> | undefined;
  private problem: { readonly fingerprint: string; readonly error: Error; readonly foundAt: number } | undefined;

  constructor(private readonly options: CheckedCliOptions) {}

  /** The result of the last CLI that passed. Throws before `check` has resolved. */
  get result(): CliCheck {
    if (!this.checked) throw new Error('the CLI has not been checked yet');
    return this.checked.result;
  }

  /** Rejects if the CLI fails its checks. */
  async check(): Promise<void> {
    let fingerprint: string;
    let result: CliCheck;
    do {
      fingerprint = this.fingerprint();
      result = await this.options.check();
      // Check again a CLI that was replaced during its check.
    } while (fingerprint !== this.fingerprint());
    this.checked = { fingerprint, result };
  }

  /** Call before each start. Throws a CliStartError while the CLI in place has not passed. */
  assertChecked(): void {
    const fingerprint = this.fingerprint();
    if (fingerprint === this.checked?.fingerprint) return;
    const { problem } = this;
    if (problem?.fingerprint !== fingerprint) {
      this.checkAgain();
      throw new CliStartError('cli-changed', 'the CLI was replaced by another one, which is being checked');
    }
    if (performance.now() - problem.foundAt > RECHECK_AFTER_MS) this.checkAgain();
    throw problem.error;
  }

  private checkAgain(): void {
    if (this.recheck) return;
    const fingerprint = this.fingerprint();
    this.recheck = this.check()
      .then(
        () => {
          this.problem = undefined;
          this.options.onReplaced();
        },
        (error: unknown) => {
          this.problem = { fingerprint, error: error as Error, foundAt: performance.now() };
          this.options.onReplaced(error as Error);
        },
      )
      .finally(() => (this.recheck = undefined));
  }

  /** Identifies the file in place; constant while there is none. */
  private fingerprint(): string {
    for (const candidate of this.candidates()) {
      try {
        const file = realpathSync(candidate);
        const { dev, ino, size, mtimeMs } = statSync(file);
        return [file, dev, ino, size, mtimeMs].join(':');
      } catch {
        // Not in this directory.
      }
    }
    return 'missing';
  }

  private candidates(): string[] {
    const { command, path } = this.options;
    if (isAbsolute(command) || command.includes('/')) return [command];
    return path.split(delimiter).map((directory) => join(directory, command));
  }
}
