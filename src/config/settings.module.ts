import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, getConfigToken, registerAs } from '@nestjs/config';
import type { Settings } from './settings.ts';

/** Makes each section of the settings injectable everywhere: by its class, and from ConfigService by its name. */
@Global()
@Module({})
export class SettingsModule {
  static with(settings: Settings): DynamicModule {
    const sections = Object.entries(settings);
    const config = ConfigModule.forRoot({
      isGlobal: true,
      load: sections.map(([name, section]) => registerAs(name, () => section)),
      ignoreEnvFile: true,
      // ConfigService must neither copy nor find environment variables, which include secrets.
      validatePredefined: false,
      skipProcessEnv: true,
    });
    const providers = sections.map(([name, section]) => ({
      provide: section.constructor,
      useExisting: getConfigToken(name),
    }));
    return { module: SettingsModule, imports: [config], providers, exports: providers };
  }
}
