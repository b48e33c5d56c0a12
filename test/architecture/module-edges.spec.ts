// Guarantee: the linter refuses every import between folders of src that scripts/module-edges.ts does not name, and what lies
// below the doors speaks of no API.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  globSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, test } from '@jest/globals';
import { MODULE_EDGES } from '../../scripts/module-edges.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'module-edges-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const folders = [...readdirSync(join(root, 'src'), { withFileTypes: true })]
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

/** A file that imports something of another folder, `depth` folders below its own. */
function plant(from: string, to: string, depth: number): string {
  const file = join('src', from, ...Array.from({ length: depth }, (_value, level) => `level-${level}`), `to-${to}.ts`);
  mkdirSync(join(directory, dirname(file)), { recursive: true });
  writeFileSync(join(directory, file), `import '${'../'.repeat(depth + 1)}${to}/anything.ts';\n`);
  return file;
}

/** The files in which the linter refuses an import. */
async function refusedImports(): Promise<string[]> {
  const linter = join(root, 'node_modules/oxlint/bin/oxlint');
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [linter, '--format=json', 'src'],
      { cwd: directory, maxBuffer: 2 ** 27 },
      (_error, stdout) => resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] };
  return diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename);
}

test('every folder of src has its edges, and names only folders that are there', () => {
  assert.deepEqual(Object.keys(MODULE_EDGES).toSorted(), folders);
  for (const [folder, allowed] of Object.entries(MODULE_EDGES))
    for (const name of allowed) assert.ok(folders.includes(name), `${folder} names ${name}`);
});

test('no folder can reach itself through others', () => {
  const reach = (folder: string, seen: Set<string>): Set<string> => {
    for (const next of MODULE_EDGES[folder] ?? []) {
      if (!seen.has(next)) reach(next, seen.add(next));
    }
    return seen;
  };
  for (const folder of folders) assert.ok(!reach(folder, new Set()).has(folder), folder);
});

test('each forbidden edge is refused, however deep the file lies, and each allowed one is not', async () => {
  for (const file of ['oxlint.config.ts', 'scripts/module-edges.ts']) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    copyFileSync(join(root, file), join(directory, file));
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const forbidden: string[] = [];
  for (const from of folders) {
    for (const to of folders) {
      if (from === to) continue;
      for (const depth of [0, 1, 2, 3]) {
        const file = plant(from, to, depth);
        if (!MODULE_EDGES[from]?.includes(to)) forbidden.push(file);
      }
    }
  }
  assert.deepEqual((await refusedImports()).toSorted(), forbidden.toSorted());
});

/** Words of OpenAI's API; where the model or the client is meant, a neutral word does. */
const WORDS_OF_AN_API = /openai|chat\.?completion|response_format|tool_calls|invalid_request_error|chatcmpl/i;

test('what lies below the doors speaks of no API', () => {
  const pattern = 'src/{answers,turns,process-pool,claude-cli}/**/*.ts';
  const files = [...globSync(pattern, { cwd: root, exclude: ['**/*.spec.ts'] })];
  assert.ok(files.length > 100);
  assert.deepEqual(
    files.filter((file) => WORDS_OF_AN_API.test(readFileSync(join(root, file), 'utf8'))),
    [],
  );
});

test('no file of the service is longer than 300 lines', () => {
  const files = [...globSync('src/**/*.ts', { cwd: root, exclude: ['**/*.spec.ts'] })];
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301);
  assert.deepEqual(long, []);
});
