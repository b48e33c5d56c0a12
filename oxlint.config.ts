import { defineConfig, type OxlintOverride } from 'oxlint';
import { FORBIDDEN_PACKAGES, MODULE_EDGES } from './scripts/module-edges.ts';

/** How deep folders of src are nested, at most: an import has one `..` more in each level. */
const MAX_DEPTH = 3;

/** Refuses the imports of a folder that MODULE_EDGES does not name. */
function edgesOf(folder: string): OxlintOverride[] {
  const allowed = MODULE_EDGES[folder] ?? [];
  const packages = (FORBIDDEN_PACKAGES[folder] ?? []).flatMap((name) => [name, `${name}/**`]);
  return Array.from({ length: MAX_DEPTH + 1 }, (_value, depth): OxlintOverride => {
    const out = '../'.repeat(depth + 1);
    return {
      files: [`src/${folder}/${'*/'.repeat(depth)}*.ts`],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: [`${out}**`, ...allowed.map((name) => `!${out}${name}/**`), `!${out}../test/**`, ...packages],
                message: `${folder} may import ${['itself', ...allowed].join(', ')} only (scripts/module-edges.ts).`,
              },
            ],
          },
        ],
      },
    };
  });
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'warn' },
  rules: {
    'no-await-in-loop': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'typescript/no-extraneous-class': 'off',
    'typescript/consistent-return': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unnecessary-type-parameters': 'off',
    'unicorn/no-array-sort': 'error',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/require-post-message-target-origin': 'off',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'import/no-cycle': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      {
        considerDefaultExhaustiveForUnions: true,
      },
    ],
    eqeqeq: 'error',
    'no-console': 'error',
    'promise/always-return': 'off',
    'oxc/no-map-spread': 'off',
  },
  overrides: [
    ...Object.keys(MODULE_EDGES).flatMap(edgesOf),
    {
      files: ['test/**', '**/*.spec.ts'],
      rules: { 'typescript/no-floating-promises': 'off', 'typescript/no-non-null-assertion': 'off' },
    },
  ],
});
