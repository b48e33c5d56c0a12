// Compiles everything to build and runs the tests below the folders that are named, or all of them.
// The e2e tests run what `npm run build` has made.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folders = process.argv.slice(2);
rmSync('build', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
if (!existsSync('dist/main.js')) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });

const files = (folders.length > 0 ? folders : ['src', 'test']).flatMap((folder) =>
  globSync(`build/${folder}/**/*.spec.js`),
);
if (files.length === 0) throw new Error('no tests found');
/** What is shown once more without an API key: histories, tools, cancels, parameters, conversations. */
const WITHOUT_API_KEY = new Set(
  ['fidelity', 'tool-loop', 'cancel', 'parameters', 'conversations'].map((name) => `build/test/e2e/${name}.spec.js`),
);

/** Files at once: each waits a part of its time. */
const CONCURRENCY = availableParallelism() + 1;

run(files, {});
const again = files.filter((file) => WITHOUT_API_KEY.has(file));
if (again.length > 0) run(again, { TEST_CREDENTIALS: 'oauth-token' });

/** Runs the tests of some files; a failure ends everything. */
function run(specs, environment) {
  const { status } = spawnSync(
    'node',
    [
      '--enable-source-maps',
      '--import=./build/test/support/ends-by-itself.js',
      '--test',
      `--test-concurrency=${CONCURRENCY}`,
      '--test-timeout=180000',
      ...specs,
    ],
    {
      stdio: 'inherit',
      env: { ...process.env, FORCE_COLOR: '0', ...environment },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}
