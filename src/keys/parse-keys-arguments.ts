import { parseArgs } from 'node:util';
import { KeyPolicyEntry } from '../config/key-entry.ts';
import { readObject } from '../config/read-object.ts';

export const KEYS_USAGE = `Usage:
  ccapi keys add NAME [--models a,b] [--requests-per-minute N] [--tokens-per-minute N]
                      [--max-simultaneous N] [--daily-cost-usd X] [--agent] [--admin]
  ccapi keys list [--json]
  ccapi keys revoke NAME

--agent: the key's requests may reach processes with tools of their own (claude.tools, mcp).
--admin: GET /stats shows the key the figures of the whole service, not only its own.
A running service takes every change within seconds.
`;

/** Invalid arguments of `ccapi keys`. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${KEYS_USAGE.trimEnd()}`);
    this.name = 'UsageError';
  }
}

export type KeysArguments =
  | { readonly action: 'add'; readonly name: string; readonly policy: KeyPolicyEntry }
  | { readonly action: 'list'; readonly isJson: boolean }
  | { readonly action: 'revoke'; readonly name: string };

const OPTIONS = {
  add: {
    models: { type: 'string' },
    'requests-per-minute': { type: 'string' },
    'tokens-per-minute': { type: 'string' },
    'max-simultaneous': { type: 'string' },
    'daily-cost-usd': { type: 'string' },
    agent: { type: 'boolean' },
    admin: { type: 'boolean' },
  },
  list: { json: { type: 'boolean' } },
  revoke: {},
} as const;

/** Parses the arguments of `ccapi keys`. Throws UsageError. */
export function parseKeysArguments([action, ...words]: readonly string[]): KeysArguments {
  switch (action) {
    case 'add': {
      const { values, positionals } = parse(words, OPTIONS.add);
      return { action, name: onlyName(positionals), policy: toPolicy(values) };
    }
    case 'list': {
      const { values, positionals } = parse(words, OPTIONS.list);
      if (positionals.length > 0) throw new UsageError('list takes no name');
      return { action, isJson: values['json'] === true };
    }
    case 'revoke':
      return { action, name: onlyName(parse(words, OPTIONS.revoke).positionals) };
    default:
      throw new UsageError(action === undefined ? 'say what to do' : `there is no ${action}`);
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(
  words: readonly string[],
  options: Readonly<Record<string, { type: 'string' | 'boolean' }>>,
): { values: Values; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function onlyName(positionals: readonly string[]): string {
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new UsageError('give one name');
  return name;
}

function toPolicy(values: Values): KeyPolicyEntry {
  const { models } = values;
  const { object, problems } = readObject(KeyPolicyEntry, {
    ...(typeof models === 'string' && { models: models.split(',').map((model) => model.trim()) }),
    requests_per_minute: toNumber(values['requests-per-minute']),
    tokens_per_minute: toNumber(values['tokens-per-minute']),
    max_simultaneous: toNumber(values['max-simultaneous']),
    daily_cost_usd: toNumber(values['daily-cost-usd']),
    agent: values['agent'] === true,
    admin: values['admin'] === true,
  });
  const [problem] = problems;
  if (problem === undefined) return object;
  throw new UsageError(`--${problem.path[0]?.replaceAll('_', '-')}: ${problem.words}`);
}

/** NaN, which is no valid limit, for anything but a number. */
function toNumber(text: string | boolean | undefined): number | undefined {
  if (typeof text !== 'string') return undefined;
  return text.trim() === '' ? Number.NaN : Number(text);
}
