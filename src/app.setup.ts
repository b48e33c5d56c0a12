import type { NestExpressApplication } from '@nestjs/platform-express';
import { requireApiKey } from './common/auth/api-key.middleware.ts';
import { accessLog } from './common/http/access-log.middleware.ts';
import { requireJson } from './common/http/content-type.middleware.ts';
import { refuseWhileDraining } from './common/http/drain.middleware.ts';
import { hostGuard } from './common/http/host-guard.middleware.ts';
import { Logger } from './common/logging/logger.ts';
import { isLoopbackHost } from './config/loopback.ts';
import { AuthSettings, ServerSettings } from './config/settings.ts';
import { ProcessPoolService } from './process-pool/process-pool.service.ts';
import { StatsService } from './stats/stats.service.ts';

/** What every request passes before its route, in this order: who it is comes before anything of its body is read. */
export function setUpApplication(app: NestExpressApplication): void {
  const server = app.get(ServerSettings);
  const auth = app.get(AuthSettings);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(accessLog(app.get(Logger), app.get(StatsService)));
  if (auth.keys.length === 0 && isLoopbackHost(server.host)) app.use(hostGuard);
  app.use(requireApiKey(auth));
  app.use(requireJson);
  app.useBodyParser('json', {
    limit: server.maxBodyMegabytes * 1024 * 1024,
    type: ['application/json', 'application/*+json'],
  });
  const pool = app.get(ProcessPoolService);
  app.use(refuseWhileDraining(() => pool.isDraining));
}
