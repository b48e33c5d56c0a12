import { afterEach } from '@jest/globals';

const steps: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of steps.splice(0)) await step();
});

/** Does something when the running test has ended, whether it passed or not. */
export function afterThisTest(step: () => unknown): void {
  steps.push(step);
}
