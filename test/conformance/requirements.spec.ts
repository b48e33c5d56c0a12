// Guarantee: docs/compatibility.md is what the requirements give, each requirement has a source that exists and tests that
// exist, and every field that OpenAI describes is in it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from '@jest/globals';
import { TestTitles } from '../support/test-titles.ts';
import { compatibilityDocument, PAGES } from './compatibility-document.ts';
import { KNOWN_FAILURES } from './known-failures.ts';
import { REQUIREMENTS } from './requirements.ts';
import { COMPLETIONS } from './requirements/completions.ts';
import type { Requirement } from './requirements/requirement.ts';

const root = new URL('../../..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly allOf?: readonly Schema[];
}
const SCHEMAS = (JSON.parse(read('test/fixtures/openai-schemas.json')) as { $defs: Record<string, Schema> }).$defs;

/** The fields of one of OpenAI's schemas; undefined where there is no such schema. */
function fieldsOf(name: string): string[] | undefined {
  const schema = SCHEMAS[name];
  return schema && fields(schema);
}

function fields({ $ref, properties, allOf }: Schema): string[] {
  const referred = $ref === undefined ? [] : (fieldsOf($ref.split('/').at(-1) ?? '') ?? []);
  return [...referred, ...Object.keys(properties ?? {}), ...(allOf ?? []).flatMap(fields)];
}

/** Whether a field, or a value or a part of it, is what a requirement is about: `stop` is not named by `stop_sequences`. */
function isNamed(path: string, requirements: readonly Requirement[]): boolean {
  const spans = requirements.flatMap(({ name }) => [...name.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span));
  return spans.some((span) => span.startsWith(path) && !/^\w/.test(span.slice(path.length)));
}
/** The requirements of all pages; those of the first one are `REQUIREMENTS`. */
const EVERY = PAGES.flatMap(({ sections }) => sections.flatMap(({ requirements }) => requirements));

for (const page of PAGES) {
  test(`${page.path} is what the requirements give; \`npm run compatibility\` writes it`, async () => {
    assert.equal(read(page.path), await compatibilityDocument(page));
  });
}

test('each requirement has an id of its own and at least one test', () => {
  const ids = EVERY.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  assert.deepEqual(
    ids.filter((id) => !/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(id)),
    [],
  );
  const unproven = EVERY.filter(
    ({ proofs }) => proofs.length === 0 || proofs.some(({ titles }) => titles.length === 0),
  );
  assert.deepEqual(
    unproven.map(({ id }) => id),
    [],
  );
});

test('each test that a requirement cites is there', () => {
  const specs = new Map<string, TestTitles>();
  const missing = EVERY.flatMap(({ id, proofs }) =>
    proofs.flatMap(({ file, titles }) => {
      const spec = specs.get(file) ?? TestTitles.of(file);
      specs.set(file, spec);
      return titles.filter((title) => !spec.has(title)).map((title) => `${id}: ${file}: ${title}`);
    }),
  );
  assert.deepEqual(missing, []);
});

test('a title that no test has is not found, whatever it looks like', () => {
  const titles = new TestTitles(
    `const TABLE = [['a', 1], ['b c', 2]]; for (const [what] of TABLE) test(\`\${what} is fine\`, f); test('it\\'s', f); test.skip('skipped', f);`,
  );
  for (const title of ['a is fine', 'b c is fine', '${what} is fine', "it's"]) assert.ok(titles.has(title), title);
  for (const title of ['d is fine', 'a is', 'skipped', 'its', '']) assert.ok(!titles.has(title), title);
});

test('each source is one that exists', () => {
  const unknown = EVERY.filter(({ source }) => {
    const [kind, name = ''] = source.split(' ');
    if (kind === 'own') return false;
    if (kind === 'guide' || kind === 'client') return name === '';
    const [schema = '', field] = name.split('.');
    const known = kind === 'schema' ? fieldsOf(schema) : undefined;
    return known === undefined || (field !== undefined && !known.includes(field));
  });
  assert.deepEqual(
    unknown.map(({ id, source }) => `${id}: ${source}`),
    [],
  );
});

for (const [request, requirements] of [
  ['CreateChatCompletionRequest', REQUIREMENTS.filter(({ id }) => !id.startsWith('completions.'))],
  ['CreateCompletionRequest', COMPLETIONS.requirements],
] as const) {
  test(`every field of ${request}, as OpenAI describes it, is in the document`, () => {
    const fields = fieldsOf(request) ?? [];
    assert.ok(fields.length > 15);
    assert.deepEqual(
      fields.filter((field) => !isNamed(field, requirements)),
      [],
    );
  });
}

test('a field is not named by another one that begins as it does', () => {
  const names = (name: string): Requirement[] => [{ id: 'a', name, verdict: 'supported', source: 'own', proofs: [] }];
  for (const name of ['`stop`', '`stop: null`', 'an empty `stop.x`', '`a`, `stop`'])
    assert.ok(isNamed('stop', names(name)));
  for (const name of ['`stop_sequences`', 'stop', '`a.stop`', '']) assert.ok(!isNamed('stop', names(name)));
});

test('every field of a part of content and of response_format is in the document', () => {
  const schemas = [
    ...['Text', 'Image', 'Audio', 'File', 'Refusal'].map((kind) => `ChatCompletionRequestMessageContentPart${kind}`),
    ...['Text', 'JsonObject', 'JsonSchema'].map((kind) => `ResponseFormat${kind}`),
  ];
  const paths = schemas.flatMap((name) =>
    Object.entries(SCHEMAS[name]?.properties ?? {}).flatMap(([field, value]) => [
      field,
      ...Object.keys((value as Schema).properties ?? {}).map((inner) => `${field}.${inner}`),
    ]),
  );
  // The other fields of a part are what it consists of, and audio is refused as a whole.
  const told = paths.filter((path) => path.includes('.') && !path.startsWith('input_audio.'));
  assert.ok(told.includes('file.file_id') && told.includes('json_schema.strict'));
  const missing = ['input_audio', 'refusal', 'prompt_cache_breakpoint', ...told].filter(
    (path) => !isNamed(path, REQUIREMENTS),
  );
  assert.deepEqual(missing, []);
});

test('every code that a client can be answered with is in the document', () => {
  const named = REQUIREMENTS.map(({ name }) => name).join(' ');
  const sources = globSync('src/**/*.ts', { cwd: root, exclude: ['**/*.spec.ts'] }).map(read);
  const codes = sources
    .filter((source) => source.includes('GatewayError') || source.includes('invalidRequest('))
    .flatMap((source) => [...source.matchAll(/\bcode: '([a-z]+(?:_[a-z]+)*)'/g)].map(([, code]) => code));
  // There the codes of failures below are also arguments by position.
  const mapped = ['src/answers/to-gateway-error.ts', 'src/models/from-pool-problem.ts']
    .map(read)
    .flatMap((source) => [...source.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map(([, code]) => code));
  assert.ok(codes.length > 20 && mapped.length > 15, `${mapped.length}`);
  assert.deepEqual(
    [...new Set([...codes, ...mapped])].filter((code) => !named.includes(`\`${code}\``)),
    [],
  );
});

test('each known failure is of a test that is there, and says why', () => {
  const specs = [
    'openai-create',
    'openai-stream',
    'openai-errors',
    'langchain',
    'ai-sdk',
    'openai-agents',
    'llamaindex',
    'openai-conversations',
    'ai-sdk-anthropic',
    'langchain-anthropic',
    'openai-responses',
    'responses-clients',
  ].map((name) => TestTitles.of(`test/conformance/${name}.spec.ts`));
  const missing = KNOWN_FAILURES.filter(({ title, reason }) => reason === '' || !specs.some((spec) => spec.has(title)));
  assert.deepEqual(
    missing.map(({ title }) => title),
    [],
  );
});
