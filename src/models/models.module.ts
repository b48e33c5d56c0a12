import { Module } from '@nestjs/common';
import { ProcessPoolModule } from '../process-pool/process-pool.module.ts';
import { ModelAccess } from './model-access.ts';
import { ModelResolver } from './model-resolver.ts';
import { ModelsController } from './models.controller.ts';
import { ModelsService } from './models.service.ts';

@Module({
  imports: [ProcessPoolModule],
  controllers: [ModelsController],
  providers: [ModelsService, ModelResolver, ModelAccess],
  exports: [ModelResolver, ModelAccess],
})
export class ModelsModule {}
