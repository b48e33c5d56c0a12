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

/** The exit code for settings that cannot be used (sysexits.h: EX_CONFIG). */
const EXIT_CONFIGURATION = 78;
/** Beyond the drain time: for telling the clients of answers that did not end in it. */
const CONNECTION_GRACE_MS = 4_000;
/** Beyond the drain time: for ending the processes. */
const SHUTDOWN_MARGIN_MS = 10_000;

/** Starts the service and keeps it until a signal ends it. */
export async function bootstrap(): Promise<void> {
  const { settings, files, warnings } = readConfiguration();
  const server = sectionOf(settings, ServerSettings);
  const logger = new Logger(sectionOf(settings, LoggingSettings));
  logger.info({ files }, 'settings read');
  for (const warning of warnings) logger.warn({}, warning);
  const claim = claimStorage(sectionOf(settings, StorageSettings).path, logger);
  process.on('unhandledRejection', (error) => {
    logger.error({ error }, 'unhandled rejection');
    process.exit(1);
  });
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with(settings, process.env, claim),
    new BoundedServerAdapter(server),
    { bodyParser: false, logger: logger.forNest(), abortOnError: false },
  );
  setUpApplication(app);
  stopOnSignal(app, server, logger);
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

/** The process that holds the storage ends with it held, so that no other service begins while this one still writes. */
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

/** The first signal lets running answers end; a second one ends the service at once. */
function stopOnSignal(app: NestExpressApplication, server: ServerSettings, logger: Logger): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), server.drainSeconds * 1000 + SHUTDOWN_MARGIN_MS).unref();
    // Clients that do not take their answers must not hold the end up.
    const closing = setTimeout(() => closeConnections(app), server.drainSeconds * 1000 + CONNECTION_GRACE_MS);
    closing.unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error }, 'the shutdown failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

function closeConnections(app: NestExpressApplication): void {
  app.getHttpServer().closeAllConnections();
}
