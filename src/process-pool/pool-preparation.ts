import { resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { childEnvironment, hasProxy, isLean } from '../claude-cli/transport/child-environment.ts';
import type { CatalogueModel } from '../claude-cli/session/initialization.ts';
import { hasOwnTools, type Profile } from '../claude-cli/transport/launch-options.ts';
import { LoopbackApi } from '../claude-cli/check/loopback-api.ts';
import { bundledCommand } from '../claude-cli/check/version.ts';
import { Logger } from '../common/logging/logger.ts';
import { keysFilePath } from '../config/keys-file.ts';
import { AuthSettings, StorageSettings } from '../config/settings.ts';
import { checkCli } from './cli-check/check-cli.ts';
import { CheckedCli } from './cli-check/checked-cli.ts';
import { CREDENTIALS_MISSING, findCredentials } from './cli-check/credentials.ts';
import { LoginProbe } from './cli-check/login-probe.ts';
import { logProcessEvents } from './stock/log-process-events.ts';
import { PoolSettings } from './pool-settings.ts';
import type { PoolProblem } from './pool-status.ts';
import { ProcessEnvironment } from './process-environment.ts';
import { ProcessPool } from './pool/process-pool.ts';
import { ProcessRecord } from './system/process-record.ts';
import { RunDirectory, type RunPaths } from './system/run-directory.ts';
import { secretFiles } from './system/secret-files.ts';
import { ClaudeSessionLauncher } from './stock/session-launcher.ts';
import { toPoolOptions } from './to-pool-options.ts';
import { toProfile } from './to-profile.ts';
import { UpstreamWatch } from './upstream/upstream-watch.ts';
import { OwnWorkingDirectories, SharedWorkingDirectory, type WorkingDirectories } from './stock/working-directories.ts';

/** A pool on a checked CLI. */
export interface PreparedPool {
  readonly pool: ProcessPool;
  readonly loginProbe: LoginProbe;
  readonly cliVersion: string;
  readonly lean: boolean;
  readonly catalogue: readonly CatalogueModel[];
  /** Why the pool cannot serve now; undefined if it can. */
  readonly problem: () => PoolProblem | undefined;
}

/** Checks the CLI and builds the pool on it. */
@Injectable()
export class PoolPreparation {
  constructor(
    private readonly environment: ProcessEnvironment,
    private readonly settings: PoolSettings,
    private readonly storage: StorageSettings,
    private readonly auth: AuthSettings,
    private readonly logger: Logger,
    private readonly upstream: UpstreamWatch,
    private readonly runDirectory: RunDirectory,
  ) {}

  credentials(): ReturnType<typeof findCredentials> {
    return findCredentials(this.environment.variables);
  }

  private directories(profile: Profile, root: string): WorkingDirectories {
    if (!profile.lean && !hasOwnTools(profile)) return new SharedWorkingDirectory(root);
    return new OwnWorkingDirectories(root, (error) =>
      this.logger.warn({ error }, 'the directory of a process cannot be removed'),
    );
  }

  private secrets({ root, configuration }: RunPaths): string[] {
    const { mcp } = this.settings;
    return secretFiles({
      storage: resolve(this.storage.path),
      run: root,
      configuration,
      files: [
        keysFilePath(this.auth.keysFile, this.storage.path),
        ...(mcp.configFile === undefined ? [] : [resolve(mcp.configFile)]),
      ],
    });
  }

  /**
   * Ends the processes of an earlier run and checks the CLI's version and behaviour. Rejects if the CLI fails.
   *
   * @param signal aborts the checks and ends their CLI processes
   */
  async prepare(signal: AbortSignal): Promise<PreparedPool> {
    const { claude, files, mcp, pool, conversation } = this.settings;
    const record = new ProcessRecord(resolve(this.storage.path), (error) =>
      this.logger.warn(
        { error },
        'the record of processes cannot be written; a crash of this service may leave some behind',
      ),
    );
    const orphans = record.reapOrphans();
    if (orphans > 0) this.logger.warn({ orphans }, 'ended processes that an earlier run had left behind');
    const paths = await this.runDirectory.open();
    const kind = this.credentials();
    const lean = kind !== 'none' && isLean(kind, claude.tools);
    const environment = childEnvironment({
      inherited: this.environment.variables,
      extraNames: claude.extraEnvironment,
      lean,
      maxRetries: claude.maxRetries,
      temporaryDirectory: paths.temporary,
      // The CLI finds and renews a stored login only in its own configuration directory.
      ...(kind !== 'login' && kind !== 'none' && { configurationDirectory: paths.configuration }),
    });
    const command = claude.command ?? bundledCommand();
    const cli = new CheckedCli({
      command,
      path: environment['PATH'] ?? '',
      check: () => checkCli({ command, environment, lean, builtInTools: claude.tools, scratch: paths.root }, signal),
      onReplaced: (error) => {
        if (error) this.logger.error({ error }, 'the CLI was replaced by one that cannot be used');
        else this.logger.info({ cliVersion: cli.result.version }, 'the CLI was replaced and has passed the checks');
      },
    });
    await cli.check();
    const profile = toProfile(claude, files, mcp, lean, paths.root, this.secrets(paths));
    const launcher = new ClaudeSessionLauncher({
      command,
      environment,
      identity: () => cli.result.canary.identity,
      directories: this.directories(profile, paths.root),
      record,
      onRateLimit: (limit) => this.upstream.noteRateLimit(limit),
      beforeLaunch: () => cli.assertChecked(),
      // A proxy might receive the requests to loopback, with the credentials.
      rehearsalUrl: lean && !hasProxy(environment) ? (await LoopbackApi.start()).unref().url : undefined,
    });
    const loginProbe = new LoginProbe(
      launcher,
      profile,
      () => this.upstream.problem !== undefined,
      () => this.upstream.acceptLogin(),
    );
    // The cost of a probe at a cloud provider is unknown; there the next request tests the credentials.
    if (kind !== 'cloud') this.upstream.whenLoginRefused(() => loginProbe.start());
    return {
      loginProbe,
      pool: new ProcessPool(
        launcher,
        toPoolOptions(profile, claude, pool, conversation),
        logProcessEvents(this.logger),
      ),
      lean,
      get cliVersion() {
        return cli.result.version;
      },
      get catalogue() {
        return cli.result.canary.initialization.models;
      },
      problem: () => (this.credentials() === 'none' ? CREDENTIALS_MISSING : undefined),
    };
  }
}
