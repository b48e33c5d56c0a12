/** The credentials that the CLI uses, in the order of its search. */
export type CredentialKind = 'cloud' | 'auth-token' | 'api-key' | 'oauth-token' | 'login';

const CLOUD_PROVIDERS = ['BEDROCK', 'VERTEX', 'FOUNDRY'] as const;

const SYSTEM_NAMES = new Set([
  'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'TERM',
  'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR',
  'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy',
  'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE',
  'CLOUD_ML_REGION', 'GCLOUD_PROJECT', 'GOOGLE_CLOUD_PROJECT',
]); // prettier-ignore

const PREFIXES = ['LC_', 'ANTHROPIC_', 'AWS_', 'GOOGLE_', 'VERTEX_', 'AZURE_'];

/** Variables that only this layer may set; an inherited value would change the meaning of a request. */
const OURS: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_AUTO_COMPACT: '1',
  DISABLE_COMPACT: '1',
  CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  CLAUDE_CODE_DISABLE_CLAUDE_MDS: '1',
  CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP: '1',
  CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
  CLAUDE_CODE_SKIP_PROMPT_HISTORY: '1',
  // A request gets an answer of the model that it names, or none.
  CLAUDE_CODE_NO_MODEL_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_FALLBACK: '1',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  // By default the CLI truncates tool descriptions at 4,096 characters.
  CLAUDE_CODE_MAX_MCP_DESCRIPTION_LENGTH: String(32 * 1024 * 1024),
};

/** Inherited variables that would redirect a turn or weaken a guard; they are dropped. */
const REFUSED = new Set([
  'CLAUDE_CODE_EXTRA_BODY',
  'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  'CLAUDE_CODE_EFFORT_LEVEL',
  'CLAUDE_CODE_SIMPLE',
  'CLAUDE_CODE_MAX_RETRIES',
  'CLAUDE_CODE_ATTRIBUTION_HEADER',
  'CLAUDE_CODE_EVEN_MORE_DANGEROUSLY_SKIP_PERMISSIONS',
]);

export interface ChildEnvironmentOptions {
  /** The service's own environment. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Names beyond the allow-list that the operator passes on. */
  readonly extraNames?: readonly string[];
  /** See `isLean`. */
  readonly lean: boolean;
  /** The CLI's number of retries of a failed request. */
  readonly maxRetries: number;
  /** The temporary directory of the CLI, its tools and its MCP servers; default: that of the service. */
  readonly temporaryDirectory?: string;
  /** The CLI's configuration directory; default: in the home directory, where a login is stored. */
  readonly configurationDirectory?: string;
}

/**
 * The environment of a CLI process: an allow-list (system basics, proxies and CA files, credentials of the CLI and its
 * providers) and the switches that this layer relies on. Excludes the gateway's own settings (`CLAUDE_CODE__…`).
 */
export function childEnvironment(options: ChildEnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {};
  const extraNames = new Set(options.extraNames);
  for (const [name, value] of Object.entries(options.inherited)) {
    if (value !== undefined && (extraNames.has(name) || isAllowed(name))) environment[name] = value;
  }
  Object.assign(environment, OURS, { CLAUDE_CODE_MAX_RETRIES: String(options.maxRetries) });
  const { temporaryDirectory: temporary, configurationDirectory: configuration } = options;
  if (temporary !== undefined) Object.assign(environment, { TMPDIR: temporary, CLAUDE_CODE_TMPDIR: temporary });
  if (configuration !== undefined) environment['CLAUDE_CONFIG_DIR'] = configuration;
  if (options.lean) Object.assign(environment, { CLAUDE_CODE_SIMPLE: '1', CLAUDE_CODE_ATTRIBUTION_HEADER: '0' });
  return environment;
}

function isAllowed(name: string): boolean {
  if (REFUSED.has(name)) return false;
  if (name.startsWith('CLAUDE_CODE__')) return false;
  if (SYSTEM_NAMES.has(name) || name === 'CLAUDE_CONFIG_DIR') return true;
  return name.startsWith('CLAUDE_CODE_') || PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** The kind of credentials in the environment; `login` without any, so that only a stored login can serve. */
export function credentialKind(environment: Readonly<Record<string, string | undefined>>): CredentialKind {
  if (cloudProvider(environment) !== undefined) return 'cloud';
  if (isSet(environment['ANTHROPIC_AUTH_TOKEN'])) return 'auth-token';
  if (isSet(environment['ANTHROPIC_API_KEY'])) return 'api-key';
  if (isSet(environment['CLAUDE_CODE_OAUTH_TOKEN'])) return 'oauth-token';
  return 'login';
}

/** The cloud provider that the CLI uses, in the spelling of its variables; undefined for Anthropic. */
export function cloudProvider(
  environment: Readonly<Record<string, string | undefined>>,
): (typeof CLOUD_PROVIDERS)[number] | undefined {
  return CLOUD_PROVIDERS.find((name) => isSet(environment[`CLAUDE_CODE_USE_${name}`]));
}

/** Whether requests of the CLI go through a proxy. */
export function hasProxy(environment: Readonly<Record<string, string | undefined>>): boolean {
  return Object.entries(environment).some(([name, value]) => /^(http|https|all)_proxy$/i.test(name) && isSet(value));
}

function isSet(value: string | undefined): boolean {
  return !['', '0', 'false', undefined].includes(value);
}

/** The built-in tools of lean mode, which silently drops all others. */
const LEAN_TOOLS: ReadonlySet<string> = new Set(['Bash', 'Edit', 'Read']);

/**
 * Whether the CLI can run in lean mode, in which it adds nothing to the client's text. Lean mode authenticates with an API
 * key or auth token only and has few tools.
 */
export function isLean(kind: CredentialKind, builtInTools: readonly string[]): boolean {
  return (kind === 'api-key' || kind === 'auth-token') && builtInTools.every((name) => LEAN_TOOLS.has(name));
}
