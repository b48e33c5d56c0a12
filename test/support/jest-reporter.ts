// What a run of tests prints: every failure when its file ends, the slowest files, and how many tests passed and failed.
import { relative } from 'node:path';
import type { AggregatedResult, Reporter, Test, TestResult } from '@jest/reporters';

const SLOWEST = 10;

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export default class ProjectReporter implements Pick<Reporter, 'onTestResult' | 'onRunComplete' | 'getLastError'> {
  private readonly durations: { readonly file: string; readonly seconds: number }[] = [];
  private counts: Counts = { passed: 0, failed: 0 };

  onTestResult(test: Test, result: TestResult): void {
    const file = nameOf(test);
    const seconds = result.perfStats.runtime / 1000;
    this.durations.push({ file, seconds });
    for (const { message, origin } of result.console ?? []) say(`${file} printed: ${message}\n${origin}`);
    if (result.numFailingTests > 0 || result.testExecError) say(`FAILED ${file}\n${result.failureMessage ?? ''}`);
    else say(`${file} (${result.numPassingTests} tests, ${seconds.toFixed(1)} s)`);
  }

  onRunComplete(_tests: unknown, results: AggregatedResult): void {
    const { numPassedTests: passed, numFailedTests, numRuntimeErrorTestSuites, wasInterrupted } = results;
    this.counts = { passed, failed: numFailedTests + numRuntimeErrorTestSuites };
    const slowest = this.durations.toSorted((one, other) => other.seconds - one.seconds).slice(0, SLOWEST);
    say('The slowest files:');
    for (const { file, seconds } of slowest) say(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
    if (wasInterrupted) say('The run was interrupted.');
    say(`${passed} passed, ${this.counts.failed} failed`);
  }

  /** Makes the run fail. */
  getLastError(): Error | undefined {
    return this.counts.passed === 0 ? new Error('no test ran') : undefined;
  }
}

/** A file of tests, and the project that runs it where it is not the first one. */
function nameOf({ path, context: { config } }: Test): string {
  const file = relative(config.rootDir, path).replace(/\.js$/, '.ts');
  return config.displayName ? `${config.displayName.name}: ${file}` : file;
}

function say(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}
