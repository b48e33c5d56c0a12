import { cloudProvider } from '../transport/child-environment.ts';

/** The variable with the CLI's upstream address, and the configured address. */
export interface Upstream {
  readonly variable: string;
  /** Empty for the CLI's default. */
  readonly address: string;
  /** The CLI's number of retries of a failed request. */
  readonly maxRetries: string;
}

/** Not an address: a request of the CLI fails with it before it leaves the process, even with a proxy. */
const CLOSED = 'closed';

/** The upstream that an environment configures. */
export function upstreamOf(environment: Readonly<Record<string, string | undefined>>): Upstream {
  const provider = cloudProvider(environment);
  const variable = provider === undefined ? 'ANTHROPIC_BASE_URL' : `ANTHROPIC_${provider}_BASE_URL`;
  return {
    variable,
    address: environment[variable] ?? '',
    maxRetries: environment['CLAUDE_CODE_MAX_RETRIES'] ?? '',
  };
}

/** Live settings (`env` of `apply_flag_settings`) that open the upstream. */
export function openUpstream({ variable, address, maxRetries }: Upstream): Readonly<Record<string, string>> {
  return { [variable]: address, CLAUDE_CODE_MAX_RETRIES: maxRetries };
}

/** Live settings that send each request once, to another address. */
export function otherUpstream({ variable }: Upstream, address: string): Readonly<Record<string, string>> {
  return { [variable]: address, CLAUDE_CODE_MAX_RETRIES: '0' };
}

/** Live settings that fail every further request of the CLI at once, on this machine. A response that streams continues. */
export function closedUpstream(upstream: Upstream): Readonly<Record<string, string>> {
  return otherUpstream(upstream, CLOSED);
}
