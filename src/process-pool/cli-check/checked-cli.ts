import { realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { CanaryReport } from '../../claude-cli/check/canary.ts';
import { CliStartError } from '../../claude-cli/errors.ts';

/** After a check that failed, the same CLI is checked again this much later: the reason may have been another one. */
const RECHECK_AFTER_MS = 10_000;

/** What the checks of a CLI have shown. */
export interface CliCheck {
  readonly version: string;
  readonly canary: CanaryReport;
}

export interface CheckedCliOptions {
  /** A path, or a name that is looked for in `path`. */
  readonly command: string;
  readonly path: string;
  /** Checks version and behaviour. Rejects with what is wrong. */
  readonly check: () => Promise<CliCheck>;
  /** Told when another CLI was found in its place and checked; with what is wrong with it, if anything. */
  readonly onReplaced: (error?: Error) => void;
}

/**
 * The CLI on disk, as it was checked. Another one can take its place while the service runs: it starts nothing before it
 * was checked as well.
 */
export class CheckedCli {
  private checked: { readonly fingerprint: string; readonly result: CliCheck } | undefined;
  private recheck: Promise<void> | undefined;
  private problem: { readonly fingerprint: string; readonly error: Error; readonly foundAt: number } | undefined;

  constructor(private readonly options: CheckedCliOptions) {}

  /** What the last CLI that passed has shown. Throws before `check` has resolved. */
  get result(): CliCheck {
    if (!this.checked) throw new Error('the CLI has not been checked yet');
    return this.checked.result;
  }

  /** Rejects with what is wrong with the CLI. */
  async check(): Promise<void> {
    let fingerprint: string;
    let result: CliCheck;
    do {
      fingerprint = this.fingerprint();
      result = await this.options.check();
      // One that was being replaced meanwhile is looked at again.
    } while (fingerprint !== this.fingerprint());
    this.checked = { fingerprint, result };
  }

  /** To be called before each start. Throws a CliStartError while another CLI is in place that has not passed. */
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

  /** Changes whenever another file is in place; constant while none is there. */
  private fingerprint(): string {
    for (const candidate of this.candidates()) {
      try {
        const file = realpathSync(candidate);
        const { dev, ino, size, mtimeMs } = statSync(file);
        return [file, dev, ino, size, mtimeMs].join(':');
      } catch {
        // Not here.
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
