// Loaded into every file of tests: one that leaves something open fails by it, instead of keeping the run from ending.
import { after } from 'node:test';

const GRACE_MS = 30_000;

// The runner loads it too, and has no tests of its own.
if (process.env['NODE_TEST_CONTEXT']?.startsWith('child')) {
  after(() => {
    setTimeout(() => {
      process.stderr.write(`left open by ${process.argv[1]}: ${process.getActiveResourcesInfo().join(', ')}\n`);
      process.exit(1);
    }, GRACE_MS).unref();
  });
}
