import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const file = new URL('../../../test/fixtures/openai-schemas.json', import.meta.url);
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')) as object, 'openai');

/** Asserts that a value is what OpenAI's published description of its API says (see $comment in the fixture). */
export function assertMatchesSchema(name: string, value: unknown): void {
  const validate = ajv.getSchema(`openai#/$defs/${name}`);
  assert.ok(validate, `there is no schema ${name}`);
  assert.ok(validate(value), `not a ${name}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}
