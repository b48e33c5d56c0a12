import { Controller, Get, Param } from '@nestjs/common';
import { ModelResolver } from './model-resolver.ts';
import { ModelsService, type ModelObject } from './models.service.ts';

/** OpenAI's models API, from the CLI's own catalogue. */
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly resolver: ModelResolver,
  ) {}

  @Get()
  list(): { object: 'list'; data: ModelObject[] } {
    return { object: 'list', data: this.models.list() };
  }

  /** Any name that a chat completion would accept, slashes included. */
  @Get('*id')
  get(@Param('id') id: string | string[]): ModelObject {
    const name = Array.isArray(id) ? id.join('/') : id;
    this.resolver.resolve(name);
    return this.models.toObject(name);
  }
}
