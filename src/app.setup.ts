import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { accessLog } from './common/http/access-log.middleware.ts';
import { keepBodyBytes } from './common/http/body-bytes.ts';
import { canonicalUrl } from './common/http/canonical-url.middleware.ts';
import { answerClientErrors } from './common/http/client-errors.ts';
import { hasBody, requireJson } from './common/http/content-type.middleware.ts';
import { refuseWhileDraining } from './common/http/drain.middleware.ts';
import { hostGuard } from './common/http/host-guard.middleware.ts';
import { inOrder } from './common/http/in-order.ts';
import { parseJsonBody } from './common/http/json-body.middleware.ts';
import { logDroppedConnections } from './common/http/log-dropped-connections.ts';
import { noteBody } from './common/http/note-body.ts';
import { securityHeaders } from './common/http/security-headers.middleware.ts';
import { cutSlowReaders } from './common/http/slow-reader.middleware.ts';
import { Logger } from './common/logging/logger.ts';
import { isLoopbackHost } from './config/loopback.ts';
import { CacheSettings, CorsSettings, ServerSettings } from './config/settings.ts';
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
  const cors = app.get(CorsSettings);
  const logger = app.get(Logger);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', [...server.trustedProxies]);
  answerClientErrors(app.getHttpServer(), logger);
  logDroppedConnections(app.getHttpServer(), logger);
  app.use(
    inOrder([
      canonicalUrl,
      accessLog(logger, app.get(StatsService)),
      securityHeaders,
      cutSlowReaders(server.slowReaderSeconds * 1000),
      hostGuard({
        isLoopback: isLoopbackHost(server.host),
        isOpen: () => keys.isOpen,
        allowedHosts: server.allowedHosts,
        allowedOrigins: cors.enabled ? cors.allowedOrigins : [],
      }),
    ]),
  );
  // Before the key is asked for: a browser sends none when it asks what it may do.
  if (cors.enabled) app.enableCors(toCorsOptions(cors));
  app.use(inOrder([requireApiKey(keys), countRequest(app.get(LimitsService)), requireJson]));
  const isCaching = app.get(CacheSettings).enabled;
  // What there is to read is JSON here.
  app.useBodyParser('raw', { limit: server.maxBodyMegabytes * 1024 * 1024, type: hasBody });
  const pool = app.get(ProcessPoolService);
  app.use(
    inOrder([
      parseJsonBody((request, body, { values, hasUnusualNumbers }) => {
        if (hasUnusualNumbers) keepBodyBytes(request, body);
        if (isCaching) noteBody(request, body, values);
      }),
      refuseWhileDraining(() => pool.isDraining),
    ]),
  );
}

function toCorsOptions(cors: CorsSettings): CorsOptions {
  return {
    origin: cors.allowedOrigins.includes('*') ? '*' : [...cors.allowedOrigins],
    methods: ['GET', 'POST', 'DELETE'],
    ...(cors.allowedHeaders.length > 0 && { allowedHeaders: [...cors.allowedHeaders] }),
    exposedHeaders: [...cors.exposedHeaders],
    maxAge: cors.maxAgeSeconds,
  };
}
