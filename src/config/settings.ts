import 'reflect-metadata';
import { isAppOrigin } from './app-origin.ts';
import { IsDailyCost, IsPerMinute, KeyEntry } from './key-entry.ts';
import type { Bounds } from './key-policy.ts';
import { isOrigin } from './origin.ts';
import { isProxy } from './proxy.ts';
import {
  CanBeAbsent,
  IsContentMegabytes,
  IsFlag,
  IsListOf,
  IsListOfEntries,
  IsListOfMatches,
  IsListOfTexts,
  IsLongText,
  IsMinutes,
  IsOneOf,
  IsSeconds,
  IsStoreMegabytes,
  IsStringMegabytes,
  IsTableOfModels,
  IsText,
  IsWhole,
} from './validators.ts';

/**
 * Every setting: an injectable class for each section, with type, default and validators of each property. Files and
 * variables use snake case. config/default.toml describes each setting.
 */

const HEADER = [/^[\w-]+$/, 'must be the name of a header'] as const;
/** A path that pino can redact: names with dots between them, `*` for any. */
const LOG_PATH = /^(\*|[A-Za-z_$][\w$]*)(\.(\*|[A-Za-z_$][\w$]*))*$/;

export class ServerSettings {
  @IsText() readonly host: string = '127.0.0.1';
  @IsWhole(0, 65_535) readonly port: number = 8080;
  @IsSeconds() readonly drainSeconds: number = 25;
  @IsSeconds() readonly keepAliveSeconds: number = 15;
  @IsListOfTexts() readonly allowedHosts: readonly string[] = [];
  @IsListOf({
    isKept: (value) => typeof value === 'string' && isProxy(value),
    words: 'must be an address, a network as in 10.0.0.0/8, loopback, linklocal or uniquelocal',
  })
  readonly trustedProxies: readonly string[] = [];
  @IsStringMegabytes() readonly maxBodyMegabytes: number = 32;
  @IsWhole(1, 1024) readonly maxHeaderKilobytes: number = 16;
  @IsWhole(1) readonly maxMessages: number = 2048;
  @IsWhole(1) readonly maxConnections: number = 1000;
  @IsWhole(1) readonly maxOpenStreams: number = 500;
  @IsSeconds() readonly requestTimeoutSeconds: number = 120;
  @IsSeconds() readonly idleConnectionSeconds: number = 75;
  @IsSeconds() readonly slowReaderSeconds: number = 30;
}

export class CorsSettings {
  @IsFlag() readonly enabled: boolean = false;
  @IsListOf({
    isKept: (value) => typeof value === 'string' && (value === '*' || isOrigin(value) || isAppOrigin(value)),
    words: 'must be an origin as in https://app.example, app://obsidian.md or chrome-extension://ID, or *',
  })
  readonly allowedOrigins: readonly string[] = [];
  @IsListOfMatches(...HEADER) readonly allowedHeaders: readonly string[] = [];
  @IsListOfMatches(...HEADER) readonly exposedHeaders: readonly string[] = [
    'x-request-id',
    'retry-after',
    'server-timing',
    'x-cache',
    'x-conversation-id',
    'x-claude-code-ignored',
    'x-claude-code-cost-usd',
    'x-claude-code-history-truncated',
    'x-claude-code-conversation-storage',
    'x-ratelimit-limit-requests',
    'x-ratelimit-remaining-requests',
    'x-ratelimit-reset-requests',
    'x-ratelimit-limit-tokens',
    'x-ratelimit-remaining-tokens',
    'x-ratelimit-reset-tokens',
  ];
  @IsWhole(0, 31_536_000) readonly maxAgeSeconds: number = 600;
}

export class ClaudeSettings {
  @CanBeAbsent() @IsText() readonly command?: string;
  @IsSeconds() readonly timeoutSeconds: number = 300;
  @IsWhole(1, 10_000) readonly maxConcurrentSessions: number = 10;
  @IsFlag() readonly useInteractiveSessions: boolean = true;
  @IsWhole(1, 10) readonly maxRetries: number = 2;
  @IsOneOf(['none', 'low', 'medium', 'high', 'xhigh'])
  readonly defaultReasoningEffort: 'none' | 'low' | 'medium' | 'high' | 'xhigh' = 'none';
  @IsFlag() readonly strictParameters: boolean = false;
  @IsListOfMatches(/^\w+$/, 'must be the name of a built-in tool') readonly tools: readonly string[] = [];
  @IsListOfMatches(/^\w+$/, 'must be the name of a variable') readonly extraEnvironment: readonly string[] = [];
}

export class ModelsSettings {
  @IsTableOfModels() readonly aliases: Readonly<Record<string, string>> = {};
}

export class FileAccessSettings {
  @IsFlag() readonly skipPermissions: boolean = false;
  @IsListOfTexts() readonly additionalDirs: readonly string[] = [];
}

export class MediaSettings {
  @IsWhole(0, 10_000) readonly maxImages: number = 100;
  @IsWhole(0, 10_000) readonly maxFiles: number = 20;
  @IsContentMegabytes() readonly maxImageMegabytes: number = 20;
  @IsContentMegabytes() readonly maxFileMegabytes: number = 20;
  @IsContentMegabytes() readonly maxTotalMegabytes: number = 32;
  @IsFlag() readonly allowUrls: boolean = true;
  @IsSeconds() readonly urlTimeoutSeconds: number = 10;
  @IsListOf({
    isKept: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
    words: 'must be a whole number from 1 to 65535',
  })
  readonly urlPorts: readonly number[] = [80, 443];
  @IsListOf({
    isKept: (value) => typeof value === 'string' && isOrigin(value),
    words: 'must be a scheme, a host and a port if it is not the usual one, as in http://images.internal:8080',
  })
  readonly trustedOrigins: readonly string[] = [];
  @IsStoreMegabytes(0) readonly cacheMegabytes: number = 64;
  @IsMinutes() readonly cacheMinutes: number = 60;
}

export class McpSettings {
  @IsFlag() readonly enabled: boolean = false;
  @CanBeAbsent() @IsText() readonly configFile?: string;
  @CanBeAbsent() @IsLongText() readonly configJson?: string;
  @IsFlag() readonly strict: boolean = false;
  @IsFlag() readonly debug: boolean = false;
}

export class CacheSettings {
  @IsFlag() readonly enabled: boolean = false;
  @IsWhole(1) readonly maxEntries: number = 1000;
  @IsStoreMegabytes() readonly maxMegabytes: number = 64;
  @IsSeconds() readonly ttlSeconds: number = 3600;
}

export class ConversationSettings {
  @IsWhole(1) readonly maxHistoryMessages: number = 20;
  @IsMinutes() readonly sessionTimeoutMinutes: number = 30;
  @IsWhole(0) readonly queueSize: number = 8;
  @IsSeconds() readonly queueTimeoutSeconds: number = 60;
  @IsWhole(1, 65_536) readonly maxMegabytes: number = 256;
  @IsWhole(1) readonly unstoredMaxCount: number = 1000;
  @IsWhole(1, 1_048_576) readonly unstoredMaxMegabytes: number = 64;
}

export class ProcessPoolSettings {
  @IsWhole(1, 10_000) readonly size: number = 5;
  @IsWhole(1, 10_000) readonly minIdle: number = 2;
  @IsWhole(1, 10_000) readonly maxIdle: number = 5;
  @IsOneOf(['recycle', 'fresh']) readonly reuse: 'recycle' | 'fresh' = 'recycle';
  @IsFlag() readonly isolateTenants: boolean = false;
  @IsWhole(1, 1_000_000_000) readonly maxTurns: number = 1000;
  @IsMinutes() readonly maxAgeMinutes: number = 240;
  @IsWhole(1, 1_048_576) readonly maxMemoryMegabytes: number = 600;
  @IsWhole(0) readonly queueSize: number = 100;
  @IsSeconds() readonly queueTimeoutSeconds: number = 60;
}

export class AuthSettings {
  @IsListOfEntries(KeyEntry) readonly keys: readonly KeyEntry[] = [];
  @CanBeAbsent() @IsText() readonly keysFile?: string;
  @IsFlag() readonly allowAnonymous: boolean = false;
}

/** Limits of the whole service. */
export class LimitsSettings implements Bounds {
  @CanBeAbsent() @IsPerMinute() readonly requestsPerMinute?: number;
  @CanBeAbsent() @IsPerMinute() readonly tokensPerMinute?: number;
  @CanBeAbsent() @IsWhole(1) readonly maxSimultaneous?: number;
  @CanBeAbsent() @IsDailyCost() readonly dailyCostUsd?: number;
}

export class StorageSettings {
  @IsText() readonly path: string = 'data';
}

export class LoggingSettings {
  @IsOneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info';
  @IsListOfMatches(LOG_PATH, 'must be the path of a field as in client or error.stack')
  readonly redact: readonly string[] = [];
}

export const SECTIONS = {
  server: ServerSettings,
  cors: CorsSettings,
  claude: ClaudeSettings,
  models: ModelsSettings,
  file_access: FileAccessSettings,
  media: MediaSettings,
  mcp: McpSettings,
  cache: CacheSettings,
  conversation: ConversationSettings,
  process_pool: ProcessPoolSettings,
  auth: AuthSettings,
  limits: LimitsSettings,
  storage: StorageSettings,
  logging: LoggingSettings,
} satisfies Record<string, new () => object>;

export type SectionName = keyof typeof SECTIONS;

/** One frozen instance of each section class. */
export type Settings = { readonly [Name in SectionName]: InstanceType<(typeof SECTIONS)[Name]> };

/** The instance of one section. */
export function sectionOf<T extends object>(settings: Settings, SectionClass: new () => T): T {
  const found = Object.values(settings).find((candidate) => candidate instanceof SectionClass);
  if (!found) throw new Error(`no settings of ${SectionClass.name}`);
  return found as T;
}
