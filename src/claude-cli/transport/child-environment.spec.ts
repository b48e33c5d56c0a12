// Guarantee: a CLI process is given what it needs and nothing of the service's own.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { childEnvironment, credentialKind, isLean } from './child-environment.ts';

const options = { lean: true, maxRetries: 2 };

test('system basics, proxies and credentials of the providers are passed on', () => {
  const inherited = {
    PATH: '/bin',
    HOME: '/h',
    https_proxy: 'p',
    ANTHROPIC_API_KEY: 'k',
    AWS_REGION: 'r',
    CLAUDE_CODE_USE_BEDROCK: '1',
  };
  const environment = childEnvironment({ ...options, inherited });
  for (const [name, value] of Object.entries(inherited)) assert.equal(environment[name], value);
});

test('the gateway’s own settings, other secrets and what would redirect a turn are not', () => {
  const inherited = {
    CLAUDE_CODE__AUTH__KEYS: 'x',
    DATABASE_PASSWORD: 'x',
    CLAUDE_CODE_EXTRA_BODY: '{}',
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1',
    NODE_OPTIONS: '--require x',
  };
  const environment = childEnvironment({ ...options, inherited });
  for (const name of Object.keys(inherited)) assert.equal(environment[name], undefined);
  assert.equal(
    childEnvironment({ ...options, inherited, extraNames: ['DATABASE_PASSWORD'] })['DATABASE_PASSWORD'],
    'x',
  );
});

test('the guards against file mentions are set and cannot be inherited away', () => {
  const environment = childEnvironment({ ...options, inherited: { CLAUDE_CODE_DISABLE_ATTACHMENTS: '0' } });
  assert.equal(environment['CLAUDE_CODE_DISABLE_ATTACHMENTS'], '1');
  assert.equal(environment['CLAUDE_CODE_DISABLE_FILE_MENTIONS'], '1');
});

test('lean mode goes with an API key or an auth token alone', () => {
  const cases: [Record<string, string>, string, boolean][] = [
    [{ ANTHROPIC_API_KEY: 'k' }, 'api-key', true],
    [{ ANTHROPIC_AUTH_TOKEN: 't' }, 'auth-token', true],
    [{ CLAUDE_CODE_OAUTH_TOKEN: 't' }, 'oauth-token', false],
    [{ CLAUDE_CODE_USE_BEDROCK: '1', ANTHROPIC_API_KEY: 'k' }, 'cloud', false],
    [{ CLAUDE_CODE_USE_BEDROCK: '0' }, 'login', false],
  ];
  for (const [environment, kind, lean] of cases) {
    assert.equal(credentialKind(environment), kind);
    assert.equal(isLean(credentialKind(environment), []), lean);
  }
});

test('a tool that lean mode lacks turns it off', () => {
  assert.equal(isLean('api-key', ['Read', 'Bash', 'Edit']), true);
  assert.equal(isLean('api-key', ['Read', 'Write']), false);
});
