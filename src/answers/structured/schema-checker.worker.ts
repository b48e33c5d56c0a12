import { parentPort } from 'node:worker_threads';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import type { CheckReply, CheckRequest } from './schema-checker.ts';

/** Maximum characters of all cached compiled schemas together. */
const MAX_KEPT_CHARACTERS = 2_000_000;
const MAX_PROBLEMS = 5;

const kept = new LRUCache<string, ValidateFunction>({ maxSize: MAX_KEPT_CHARACTERS });

parentPort?.on('message', (request: CheckRequest) => {
  // The reply quotes nothing of the answer but the keys that lead to a problem.
  const reply = (): CheckReply => {
    let validate: ValidateFunction;
    try {
      validate = validatorOf(request.schema);
    } catch {
      return { isUsable: false };
    }
    return { isUsable: true, problem: request.json === undefined ? undefined : check(validate, request.json) };
  };
  parentPort?.postMessage(reply());
});
parentPort?.postMessage('ready');

function validatorOf(schema: string): ValidateFunction {
  const known = kept.get(schema);
  if (known) return known;
  const validate = compile(schema);
  kept.set(schema, validate, { size: schema.length });
  return validate;
}

/** Each schema has its own instance, so that none can refer to another. */
function compile(schema: string): ValidateFunction {
  const ajv = new Ajv2020({
    strict: false,
    // Checked before, with the path of the problem.
    validateSchema: false,
    // Report every problem, since the model has one more attempt; without inlining the code is not nested, however many
    // properties there are.
    allErrors: true,
    inlineRefs: false,
    ownProperties: true,
    logger: false,
    code: { optimize: false, regExp: Object.assign(toPattern, { code: 'toPattern' }) },
  });
  formats.default(ajv);
  return ajv.compile(JSON.parse(schema) as object);
}

/** Clients write patterns for various engines; a pattern that this engine cannot parse is not tested. */
function toPattern(source: string): { test: (text: string) => boolean; toString: () => string } {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      // Retry without the flag, or give up.
    }
  }
  return { test: () => true, toString: () => source };
}

function check(validate: ValidateFunction, json: string): string | undefined {
  try {
    if (validate(JSON.parse(json))) return undefined;
    const problems = (validate.errors ?? []).slice(0, MAX_PROBLEMS).map(describe);
    return problems.length > 0 ? [...new Set(problems)].join('; ') : 'the answer does not match the schema';
  } catch (error) {
    if (error instanceof RangeError) return 'the answer is nested too deeply to be checked';
    throw error;
  } finally {
    validate.errors = null;
  }
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const place = instancePath === '' ? 'the answer' : `'${instancePath}'`;
  const detail = [params['additionalProperty'], params['allowedValues'], params['allowedValue']]
    .filter((value) => value !== undefined)
    .map((value) => ` (${JSON.stringify(value).slice(0, 300)})`)
    .join('');
  return `${place} ${message ?? 'is not valid'}${detail}`.slice(0, 500);
}
