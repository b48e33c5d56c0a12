import { Module } from '@nestjs/common';
import { BoundedStore } from './bounded-store.ts';

/** The store on its own, since the module of the cache manager and the cache itself both need it. */
@Module({ providers: [BoundedStore], exports: [BoundedStore] })
export class BoundedStoreModule {}
