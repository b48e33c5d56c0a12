import { Module } from '@nestjs/common';
import { BoundedStore } from './bounded-store.ts';

/** A module of its own, because both the cache manager's module and the cache need the store. */
@Module({ providers: [BoundedStore], exports: [BoundedStore] })
export class BoundedStoreModule {}
