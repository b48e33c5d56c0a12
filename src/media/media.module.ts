import { Module } from '@nestjs/common';
import { MediaService } from './media.service.ts';

@Module({ providers: [MediaService], exports: [MediaService] })
export class MediaModule {}
