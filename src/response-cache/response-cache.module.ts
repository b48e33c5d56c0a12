import { CacheModule } from '@nestjs/cache-manager';
import { Module } from '@nestjs/common';
import { Keyv } from 'keyv';
import { CacheSettings } from '../config/settings.ts';
import { BoundedStore } from './bounded-store.ts';
import { BoundedStoreModule } from './bounded-store.module.ts';
import { ResponseCache } from './response-cache.ts';

@Module({
  imports: [
    BoundedStoreModule,
    CacheModule.registerAsync({
      imports: [BoundedStoreModule],
      inject: [BoundedStore, CacheSettings],
      useFactory: (store: BoundedStore, settings: CacheSettings) => ({
        stores: [inMemory(store)],
        ttl: Math.ceil(settings.ttlSeconds * 1000),
      }),
    }),
  ],
  providers: [ResponseCache],
  exports: [ResponseCache],
})
export class ResponseCacheModule {}

/** Stores the values themselves, not as JSON: they are immutable. */
function inMemory(store: BoundedStore): Keyv {
  const keyv = new Keyv({ store });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return keyv;
}
