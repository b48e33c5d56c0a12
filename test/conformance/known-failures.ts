import assert from 'node:assert/strict';
import { test as run } from '@jest/globals';

export interface KnownFailure {
  readonly title: string;
  /** Why it fails, and what would mend it. */
  readonly reason: string;
  /** What the failure says; another one is a failure of the test. */
  readonly match: RegExp;
}

/** The tests of client libraries that fail. One that starts to pass fails the run until it is taken off this list. */
export const KNOWN_FAILURES: readonly KnownFailure[] = [];

/** A test of a client library, expected to fail where it is listed above. */
export function test(title: string, body: () => Promise<void>): void {
  const known = KNOWN_FAILURES.find((failure) => failure.title === title);
  run(
    title,
    known ? () => assert.rejects(body, known.match, `it passes, but is known to fail: ${known.reason}`) : body,
  );
}
