import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.ts';
import { setUpApplication } from './app.setup.ts';
import { BoundedServerAdapter } from './common/http/bounded-server.adapter.ts';
import { Logger } from './common/logging/logger.ts';
import { StorageClaim, StorageInUseError } from './common/storage/storage-claim.ts';
import { loadConfiguration, SettingsError, type Configuration } from './config/load-settings.ts';
import { LoggingSettings, sectionOf, ServerSettings, StorageSettings } from './config/settings.ts';
import { Shutdown } from './shutdown.ts';

/** The exit code for unusable settings (sysexits.h: EX_CONFIG). */
const EXIT_CONFIGURATION = 78;
/** After the drain time: for error responses to clients whose answers have not ended. */
const CONNECTION_GRACE_MS = 4_000;
/** After the drain time: for the end of the processes. */
const SHUTDOWN_MARGIN_MS = 10_000;

/** Includes SIGHUP: the terminal of the service has closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Starts the service, which runs until a signal or an uncaught error. */
export async function bootstrap(): Promise<void> {
  const { settings, files, warnings } = readConfiguration();
  const server = sectionOf(settings, ServerSettings);
  const logger = new Logger(sectionOf(settings, LoggingSettings));
  logger.info({ files }, 'settings read');
  for (const warning of warnings) logger.warn({}, warning);
  const claim = claimStorage(sectionOf(settings, StorageSettings).path, logger);
  let app: NestExpressApplication | undefined;
  const shutdown = new Shutdown({
    drain: () => drain(app, server),
    exit: (code) => process.exit(code),
    logger,
  });
  process.on('uncaughtException', (error, origin) => shutdown.onFault(error, origin));
  app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(settings, process.env, claim),
    new BoundedServerAdapter(server),
    { bodyParser: false, logger: logger.forNest(), abortOnError: false },
  );
  setUpApplication(app);
  for (const signal of SIGNALS) process.on(signal, () => shutdown.onSignal(signal));
  try {
    await app.listen(server.port, server.host);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'the port is in use' : (error as Error).message;
    process.stderr.write(`claude-code-api: cannot listen on ${server.host}:${server.port}: ${reason}\n`);
    await app.close();
    process.exit(1);
  }
  logger.info({ url: await app.getUrl() }, 'listening');
}

/** Releases the claim only on exit, so that no other service starts while this one still writes. */
function claimStorage(path: string, logger: Logger): StorageClaim {
  try {
    const claim = StorageClaim.make(path);
    if (claim.problem) logger.warn({ error: claim.problem }, 'storage.path cannot be locked against other services');
    process.once('exit', () => claim.release());
    return claim;
  } catch (error) {
    if (!(error instanceof StorageInUseError)) throw error;
    process.stderr.write(`claude-code-api: ${error.message}\n`);
    process.exit(1);
  }
}

function readConfiguration(): Configuration {
  try {
    return loadConfiguration({ environment: process.env, directory: process.cwd() });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(
      `claude-code-api: the settings cannot be used:\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`,
    );
    process.exit(EXIT_CONFIGURATION);
  }
}

/** Waits for running answers, for at most the drain time. Before the application exists, there is nothing to wait for. */
async function drain(app: NestExpressApplication | undefined, server: ServerSettings): Promise<void> {
  setTimeout(() => process.exit(1), server.drainSeconds * 1000 + SHUTDOWN_MARGIN_MS).unref();
  // Clients that do not read their responses must not delay the end.
  const closeConnections = (): void => app?.getHttpServer().closeAllConnections();
  setTimeout(closeConnections, server.drainSeconds * 1000 + CONNECTION_GRACE_MS).unref();
  await app?.close();
}
