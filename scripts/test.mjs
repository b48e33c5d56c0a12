// Compiles everything to build and runs the tests of the folders and files that are named, or all of them.
// The e2e tests run what `npm run build` has made.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
rmSync('build', { recursive: true, force: true });
execFileSync('tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
if (!existsSync('dist/main.js')) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });

const patterns = process.argv.slice(2).map(compiled);
const { status } = spawnSync('npm', ['run', '--silent', 'jest', '--', ...patterns], { stdio: 'inherit' });
process.exit(status ?? 1);

/** What jest finds the compiled files of a folder by, or the one of a file; an option is jest's own. */
function compiled(argument) {
  if (argument.startsWith('-')) return argument;
  const path = posix.join('build', argument);
  return statSync(argument).isDirectory() ? `${path}/`.replace(/\/+$/, '/') : path.replace(/\.ts$/, '.js');
}
