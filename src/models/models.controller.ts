import { Controller, Get, Param } from '@nestjs/common';
import { Context } from '../common/http/context.decorator.ts';
import type { KeyPolicy } from '../config/key-policy.ts';
import { ModelAccess } from './model-access.ts';
import { ModelsService, type ModelObject } from './models.service.ts';

/** OpenAI's models API, from the CLI's own catalogue, as far as the key may use it. */
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly access: ModelAccess,
  ) {}

  @Get()
  async list(@Context('policy') policy: KeyPolicy): Promise<{ object: 'list'; data: ModelObject[] }> {
    const models = await this.models.list();
    return { object: 'list', data: models.filter(({ id }) => this.access.allows(id, policy)) };
  }

  /** Any name that a chat completion would accept, slashes included. */
  @Get('*id')
  async get(@Param('id') id: string | string[], @Context('policy') policy: KeyPolicy): Promise<ModelObject> {
    const name = Array.isArray(id) ? id.join('/') : id;
    await this.access.resolve(name, policy);
    return this.models.toObject(name);
  }
}
