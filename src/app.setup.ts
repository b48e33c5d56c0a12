import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { accessLog } from './common/http/access-log.middleware.ts';
import { requireJson } from './common/http/content-type.middleware.ts';
import { refuseWhileDraining } from './common/http/drain.middleware.ts';
import { hostGuard } from './common/http/host-guard.middleware.ts';
import { Logger } from './common/logging/logger.ts';
import { isLoopbackHost } from './config/loopback.ts';
import { ServerSettings } from './config/settings.ts';
import { requireApiKey } from './keys/api-key.middleware.ts';
import { KeyRegistry } from './keys/key-registry.ts';
import { countRequest } from './limits/count-request.middleware.ts';
import { LimitsService } from './limits/limits.service.ts';
import { ProcessPoolService } from './process-pool/process-pool.service.ts';
import { StatsService } from './stats/stats.service.ts';

/** What every request passes before its route, in this order: who it is comes before anything of its body is read. */
export function setUpApplication(app: NestExpressApplication): void {
  const server = app.get(ServerSettings);
  const keys = app.get(KeyRegistry);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(accessLog(app.get(Logger), app.get(StatsService)));
  if (isLoopbackHost(server.host)) app.use(whileOpen(keys, hostGuard));
  app.use(requireApiKey(keys));
  app.use(countRequest(app.get(LimitsService)));
  app.use(requireJson);
  app.useBodyParser('json', {
    limit: server.maxBodyMegabytes * 1024 * 1024,
    type: ['application/json', 'application/*+json'],
  });
  const pool = app.get(ProcessPoolService);
  app.use(refuseWhileDraining(() => pool.isDraining));
}

/** Applies to requests as long as they need no key. */
function whileOpen(keys: KeyRegistry, handler: RequestHandler): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): unknown =>
    keys.isOpen ? handler(request, response, next) : next();
}
