import type { NestExpressApplication } from '@nestjs/platform-express';
import { answerClientErrors } from './common/http/client-errors.ts';
import { logDroppedConnections } from './common/http/log-dropped-connections.ts';
import { Logger } from './common/logging/logger.ts';
import { ServerSettings } from './config/settings.ts';

/** Configures Express, and the handling of connections without a request. `AppModule` configures the rest. */
export function setUpApplication(app: NestExpressApplication): void {
  const logger = app.get(Logger);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', [...app.get(ServerSettings).trustedProxies]);
  answerClientErrors(app.getHttpServer(), logger);
  logDroppedConnections(app.getHttpServer(), logger);
}
