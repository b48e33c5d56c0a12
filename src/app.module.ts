import { Global, Module, type DynamicModule, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AppController } from './app.controller.ts';
import { ChatModule } from './chat/chat.module.ts';
import { CompletionsModule } from './completions/completions.module.ts';
import { BodyValidationPipe } from './common/body/body-validation.pipe.ts';
import { GatewayErrorFilter } from './common/errors/gateway-error.filter.ts';
import { AccessLogMiddleware } from './common/http/access-log.middleware.ts';
import { CanonicalUrlMiddleware } from './common/http/canonical-url.middleware.ts';
import { ContentTypeMiddleware } from './common/http/content-type.middleware.ts';
import { CorsMiddleware } from './common/http/cors.middleware.ts';
import { inOrder } from './common/http/in-order.ts';
import { JsonBodyMiddleware } from './common/http/json-body.middleware.ts';
import { RawBodyMiddleware } from './common/http/raw-body.middleware.ts';
import { DeclaredRoutes } from './common/http/declared-routes.ts';
import { SecurityHeadersMiddleware } from './common/http/security-headers.middleware.ts';
import { SlowReaderMiddleware } from './common/http/slow-reader.middleware.ts';
import { LoggingModule } from './common/logging/logging.module.ts';
import { SettingsModule } from './config/settings.module.ts';
import type { Settings } from './config/settings.ts';
import { ConversationsModule } from './conversations/conversations.module.ts';
import { DrainMiddleware } from './drain.middleware.ts';
import { ErrorFormatMiddleware } from './error-format.middleware.ts';
import { HealthModule } from './health/health.module.ts';
import { ApiKeyMiddleware } from './keys/api-key.middleware.ts';
import { HostGuardMiddleware } from './keys/host-guard.middleware.ts';
import { KeysModule } from './keys/keys.module.ts';
import { CountRequestMiddleware } from './limits/count-request.middleware.ts';
import { LimitsModule } from './limits/limits.module.ts';
import { MessagesModule } from './messages/messages.module.ts';
import { ModelsModule } from './models/models.module.ts';
import { ResponsesModule } from './responses/responses.module.ts';
import { StatsModule } from './stats/stats.module.ts';
import { StorageClaim } from './common/storage/storage-claim.ts';
import { ProcessEnvironment } from './process-pool/process-environment.ts';
import { ProcessPoolModule } from './process-pool/process-pool.module.ts';

/**
 * The middlewares of every request, in this order: authentication comes before the body is read. CORS comes before the key,
 * since a browser's preflight request has none.
 */
const MIDDLEWARES = [
  CanonicalUrlMiddleware,
  ErrorFormatMiddleware,
  AccessLogMiddleware,
  SecurityHeadersMiddleware,
  SlowReaderMiddleware,
  HostGuardMiddleware,
  CorsMiddleware,
  ApiKeyMiddleware,
  CountRequestMiddleware,
  ContentTypeMiddleware,
  RawBodyMiddleware,
  JsonBodyMiddleware,
  DrainMiddleware,
];

@Global()
@Module({})
export class AppModule implements NestModule {
  /**
   * @param environment variables from which those of the CLI are selected
   * @param claim on `storage.path`
   */
  static with(
    settings: Settings,
    environment: Readonly<Record<string, string | undefined>>,
    claim = StorageClaim.none(),
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.with(settings),
        LoggingModule,
        DiscoveryModule,
        KeysModule,
        // First, since Express tries routes one after the other and most requests are for these.
        ChatModule,
        ResponsesModule,
        MessagesModule,
        CompletionsModule,
        ConversationsModule,
        ModelsModule,
        HealthModule,
        StatsModule,
        // For the middlewares.
        LimitsModule,
        ProcessPoolModule,
      ],
      controllers: [AppController],
      providers: [
        ...MIDDLEWARES,
        { provide: ProcessEnvironment, useValue: new ProcessEnvironment(environment) },
        { provide: StorageClaim, useValue: claim },
        DeclaredRoutes,
        { provide: APP_FILTER, useClass: GatewayErrorFilter },
        { provide: APP_PIPE, useClass: BodyValidationPipe },
      ],
      exports: [ProcessEnvironment, StorageClaim],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    // On the root path they run for every path, unknown ones included. A pattern would remove what it matches from the URL.
    consumer.apply(inOrder(MIDDLEWARES)).forRoutes('/');
  }
}
