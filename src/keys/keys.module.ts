import { Module } from '@nestjs/common';
import { KeyRegistry } from './key-registry.ts';

@Module({ providers: [KeyRegistry], exports: [KeyRegistry] })
export class KeysModule {}
