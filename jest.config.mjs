// jest runs what `tsc` has compiled to build: the modules that Node would run, without a transformer.
import { availableParallelism } from 'node:os';
import { SUITES_RUN_TWICE } from './test/support/suites-without-api-key.ts';

const files = {
  rootDir: 'build',
  testMatch: ['**/*.spec.js'],
  testEnvironment: '<rootDir>/test/support/jest-environment.js',
  transform: {},
  injectGlobals: false,
};

/** Some suites run once more without an API key, unless the whole run is without one. */
const again = {
  ...files,
  displayName: 'without-api-key',
  testMatch: SUITES_RUN_TWICE.map((name) => `<rootDir>/test/e2e/${name}.spec.js`),
  setupFiles: ['<rootDir>/test/support/without-api-key.js'],
};

export default {
  rootDir: 'build',
  projects: process.env['TEST_CREDENTIALS'] ? [files] : [files, again],
  reporters: ['<rootDir>/test/support/jest-reporter.js'],
  testTimeout: 180_000,
  // Each file waits a part of its time.
  maxWorkers: availableParallelism() + 1,
  // A worker that has grown beyond it is replaced. With a bound, jest never runs a file in its own process either, which would
  // not end if the file leaves something open.
  workerIdleMemoryLimit: '512MB',
  watchman: false,
};
