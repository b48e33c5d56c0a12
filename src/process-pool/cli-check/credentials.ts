import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credentialKind, type CredentialKind } from '../../claude-cli/transport/child-environment.ts';
import type { PoolProblem } from '../pool-status.ts';

export const CREDENTIALS_MISSING: PoolProblem = {
  code: 'credentials_missing',
  message:
    'The Claude Code CLI has no credentials. Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN, CLAUDE_CODE_OAUTH_TOKEN, or the variables of Bedrock, Vertex or Foundry) in the environment of this service and start it again, or log in with `claude` as the user it runs as.',
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The kind of credentials that the CLI will find; `none` without a variable and a stored login. */
export function findCredentials(environment: Environment): CredentialKind | 'none' {
  const kind = credentialKind(environment);
  return kind === 'login' && !mayHaveLogin(environment) ? 'none' : kind;
}

/** Whether a login may be stored. Only tests whether its file exists. macOS keeps it in the keychain. */
function mayHaveLogin(environment: Environment): boolean {
  if (process.platform === 'darwin') return true;
  const directory = environment['CLAUDE_CONFIG_DIR'] ?? join(environment['HOME'] ?? homedir(), '.claude');
  return existsSync(join(directory, '.credentials.json'));
}
