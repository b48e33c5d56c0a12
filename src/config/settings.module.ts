import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from './settings.ts';

/** Makes each section of the settings injectable everywhere, by its class. */
@Global()
@Module({})
export class SettingsModule {
  static with(settings: Settings): DynamicModule {
    const providers = settings.map((section) => ({ provide: section.constructor, useValue: section }));
    return { module: SettingsModule, providers, exports: providers };
  }
}
