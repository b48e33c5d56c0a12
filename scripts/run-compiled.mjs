// Compiles everything and runs one of the compiled programs: node scripts/run-compiled.mjs bench/run
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [program, ...rest] = process.argv.slice(2);
execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
execFileSync('tsc', ['-p', 'tsconfig.json'], { stdio: 'inherit' });
process.exit(
  spawnSync('node', ['--enable-source-maps', `build/${program}.js`, ...rest], { stdio: 'inherit' }).status ?? 1,
);
