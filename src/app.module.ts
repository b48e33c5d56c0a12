import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { AppController } from './app.controller.ts';
import { ChatModule } from './chat/chat.module.ts';
import { GatewayErrorFilter } from './common/errors/gateway-error.filter.ts';
import { Routes } from './common/http/routes.ts';
import { LoggingModule } from './common/logging/logging.module.ts';
import { SettingsModule } from './config/settings.module.ts';
import type { Settings } from './config/settings.ts';
import { ConversationsModule } from './conversations/conversations.module.ts';
import { KeysModule } from './keys/keys.module.ts';
import { HealthModule } from './health/health.module.ts';
import { ModelsModule } from './models/models.module.ts';
import { StatsModule } from './stats/stats.module.ts';
import { StorageClaim } from './common/storage/storage-claim.ts';
import { ProcessEnvironment } from './process-pool/process-environment.ts';

@Global()
@Module({})
export class AppModule {
  /**
   * @param environment the variables from which the CLI's own are chosen
   * @param claim on what is below `storage.path`
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
        ConversationsModule,
        ModelsModule,
        HealthModule,
        StatsModule,
      ],
      controllers: [AppController],
      providers: [
        { provide: ProcessEnvironment, useValue: new ProcessEnvironment(environment) },
        { provide: StorageClaim, useValue: claim },
        Routes,
        { provide: APP_FILTER, useClass: GatewayErrorFilter },
      ],
      exports: [ProcessEnvironment, StorageClaim],
    };
  }
}
