import { cloudProvider } from '../transport/child-environment.ts';

/** The variable that holds the CLI's upstream address, and the address it is meant to use. */
export interface Upstream {
  readonly variable: string;
  /** Empty where the CLI's own default is meant. */
  readonly address: string;
  /** How often the CLI repeats a request that failed. */
  readonly maxRetries: string;
}

/** Not an address: a request of the CLI fails with it before anything leaves the process, whatever proxy is set. */
const CLOSED = 'closed';

/** Where the CLI sends its requests in an environment. */
export function upstreamOf(environment: Readonly<Record<string, string | undefined>>): Upstream {
  const provider = cloudProvider(environment);
  const variable = provider === undefined ? 'ANTHROPIC_BASE_URL' : `ANTHROPIC_${provider}_BASE_URL`;
  return {
    variable,
    address: environment[variable] ?? '',
    maxRetries: environment['CLAUDE_CODE_MAX_RETRIES'] ?? '',
  };
}

/** Live settings (`env` of `apply_flag_settings`) with which requests reach the provider. */
export function openUpstream({ variable, address, maxRetries }: Upstream): Readonly<Record<string, string>> {
  return { [variable]: address, CLAUDE_CODE_MAX_RETRIES: maxRetries };
}

/** Live settings with which requests reach another address, once each. */
export function otherUpstream({ variable }: Upstream, address: string): Readonly<Record<string, string>> {
  return { [variable]: address, CLAUDE_CODE_MAX_RETRIES: '0' };
}

/** Live settings with which every further request of the CLI fails at once, on this machine. A response that streams goes on. */
export function closedUpstream(upstream: Upstream): Readonly<Record<string, string>> {
  return otherUpstream(upstream, CLOSED);
}
