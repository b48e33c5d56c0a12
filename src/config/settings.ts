import { isIP } from 'node:net';
import { z } from 'zod';
import { isAppOrigin } from './app-origin.ts';
import { keySchema, limitsSchema } from './key-schema.ts';
import {
  contentMegabytes,
  count,
  minutes,
  modelName,
  optionalStoreMegabytes,
  positive,
  seconds,
  storeMegabytes,
  stringMegabytes,
  text,
} from './value-schemas.ts';

/** A path that pino can redact: names with dots between them, `*` for any. */
const LOG_PATH = /^(\*|[A-Za-z_$][\w$]*)(\.(\*|[A-Za-z_$][\w$]*))*$/;

const headerNames = z.array(z.string().regex(/^[\w-]+$/, 'must be the name of a header'));
const corsOrigin = z
  .string()
  .refine(
    (value) => value === '*' || isOrigin(value) || isAppOrigin(value),
    'must be an origin as in https://app.example, app://obsidian.md or chrome-extension://ID, or *',
  );
const proxy = z
  .string()
  .refine(isProxy, 'must be an address, a network as in 10.0.0.0/8, loopback, linklocal or uniquelocal');
const origin = z
  .string()
  .refine(
    isOrigin,
    'must be a scheme, a host and a port if it is not the usual one, as in http://images.internal:8080',
  );

/** Every setting, section by section, with its default. What each does is told in config/default.toml. */
export const settingsSchema = z.strictObject({
  server: z
    .strictObject({
      host: text.default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(8080),
      drain_seconds: seconds.default(25),
      keep_alive_seconds: seconds.default(15),
      allowed_hosts: z.array(text).default([]),
      trusted_proxies: z.array(proxy).default([]),
      max_body_megabytes: stringMegabytes.default(32),
      max_header_kilobytes: z.int().min(1).max(1024).default(16),
      max_messages: positive().default(2048),
      max_connections: positive().default(1000),
      max_open_streams: positive().default(500),
      request_timeout_seconds: seconds.default(120),
      idle_connection_seconds: seconds.default(75),
      slow_reader_seconds: seconds.default(30),
    })
    .prefault({}),
  cors: z
    .strictObject({
      enabled: z.boolean().default(false),
      allowed_origins: z.array(corsOrigin).default([]),
      allowed_headers: headerNames.default([]),
      exposed_headers: headerNames.default([
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
      ]),
      max_age_seconds: count(31_536_000).default(600),
    })
    .prefault({}),
  claude: z
    .strictObject({
      command: text.optional(),
      timeout_seconds: seconds.default(300),
      max_concurrent_sessions: positive(10_000).default(10),
      use_interactive_sessions: z.boolean().default(true),
      max_retries: z.int().min(1).max(10).default(2),
      default_reasoning_effort: z.enum(['none', 'low', 'medium', 'high', 'xhigh']).default('none'),
      strict_parameters: z.boolean().default(false),
      tools: z.array(z.string().regex(/^\w+$/, 'must be the name of a built-in tool')).default([]),
      extra_environment: z.array(z.string().regex(/^\w+$/, 'must be the name of a variable')).default([]),
    })
    .prefault({}),
  models: z
    .strictObject({
      aliases: z.record(modelName, modelName).default({}),
    })
    .prefault({}),
  file_access: z
    .strictObject({
      skip_permissions: z.boolean().default(false),
      additional_dirs: z.array(text).default([]),
    })
    .prefault({}),
  media: z
    .strictObject({
      max_images: count(10_000).default(100),
      max_files: count(10_000).default(20),
      max_image_megabytes: contentMegabytes.default(20),
      max_file_megabytes: contentMegabytes.default(20),
      max_total_megabytes: contentMegabytes.default(32),
      allow_urls: z.boolean().default(true),
      url_timeout_seconds: seconds.default(10),
      url_ports: z.array(z.int().min(1).max(65_535)).default([80, 443]),
      trusted_origins: z.array(origin).default([]),
      cache_megabytes: optionalStoreMegabytes.default(64),
      cache_minutes: minutes.default(60),
    })
    .prefault({}),
  mcp: z
    .strictObject({
      enabled: z.boolean().default(false),
      config_file: text.optional(),
      config_json: z.string().min(1).optional(),
      strict: z.boolean().default(false),
      debug: z.boolean().default(false),
    })
    .prefault({}),
  cache: z
    .strictObject({
      enabled: z.boolean().default(false),
      max_entries: positive().default(1000),
      max_megabytes: storeMegabytes.default(64),
      ttl_seconds: seconds.default(3600),
    })
    .prefault({}),
  conversation: z
    .strictObject({
      max_history_messages: positive().default(20),
      session_timeout_minutes: minutes.default(30),
      queue_size: count().default(8),
      queue_timeout_seconds: seconds.default(60),
      max_megabytes: positive(65_536).default(256),
      unstored_max_count: positive().default(1000),
      unstored_max_megabytes: positive(1_048_576).default(64),
    })
    .prefault({}),
  process_pool: z
    .strictObject({
      size: positive(10_000).default(5),
      min_idle: positive(10_000).default(2),
      max_idle: positive(10_000).default(5),
      reuse: z.enum(['recycle', 'fresh']).default('recycle'),
      isolate_tenants: z.boolean().default(false),
      max_turns: positive(1_000_000_000).default(1000),
      max_age_minutes: minutes.default(240),
      max_memory_megabytes: positive(1_048_576).default(600),
      queue_size: count().default(100),
      queue_timeout_seconds: seconds.default(60),
    })
    .prefault({}),
  auth: z
    .strictObject({
      keys: z.array(keySchema).default([]),
      keys_file: text.optional(),
      allow_anonymous: z.boolean().default(false),
    })
    .prefault({}),
  limits: limitsSchema.prefault({}),
  storage: z.strictObject({ path: text.default('data') }).prefault({}),
  logging: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
      redact: z
        .array(z.string().regex(LOG_PATH, 'must be the path of a field as in client or error.stack'))
        .default([]),
    })
    .prefault({}),
});

export type SettingsInput = z.output<typeof settingsSchema>;
export type SectionName = keyof SettingsInput;

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;
type Section<Name extends SectionName> = {
  readonly [Key in keyof SettingsInput[Name] as CamelCase<Key & string>]: SettingsInput[Name][Key];
};

/** A class to inject, with the fields of a section in camel case. */
function section<Name extends SectionName>(_name: Name): new () => Section<Name> {
  return class {} as new () => Section<Name>;
}

export class ServerSettings extends section('server') {}
export class CorsSettings extends section('cors') {}
export class ClaudeSettings extends section('claude') {}
export class ModelsSettings extends section('models') {}
export class FileAccessSettings extends section('file_access') {}
export class MediaSettings extends section('media') {}
export class McpSettings extends section('mcp') {}
export class CacheSettings extends section('cache') {}
export class ConversationSettings extends section('conversation') {}
export class ProcessPoolSettings extends section('process_pool') {}
export class AuthSettings extends section('auth') {}
export class LimitsSettings extends section('limits') {}
export class StorageSettings extends section('storage') {}
export class LoggingSettings extends section('logging') {}

const SECTION_CLASSES = {
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
} satisfies Record<SectionName, new () => object>;

/** One frozen instance of each section class. */
export type Settings = readonly object[];

/** The classes to inject for settings that were parsed. */
export function toSettings(input: SettingsInput): Settings {
  return Object.entries(SECTION_CLASSES).map(([name, SectionClass]) =>
    deepFreeze(Object.assign(new SectionClass(), camelCaseKeys(input[name as SectionName]))),
  );
}

/** The instance of one section. */
export function sectionOf<T extends object>(settings: Settings, SectionClass: new () => T): T {
  const found = settings.find((candidate) => candidate instanceof SectionClass);
  if (!found) throw new Error(`no settings of ${SectionClass.name}`);
  return found as T;
}

function isOrigin(value: string): boolean {
  return /^https?:[^*]*$/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

/** What Express takes as a trusted proxy. */
function isProxy(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true;
  const [address = '', bits, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function camelCaseKeys(values: object): object {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value))
    if (typeof child === 'object' && child !== null) deepFreeze(child as object);
  return Object.freeze(value);
}
