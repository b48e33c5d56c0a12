import { Controller, Get, Param, Req } from '@nestjs/common';
import type { Request } from 'express';
import { requestContext } from '../common/http/request-context.ts';
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
  async list(@Req() request: Request): Promise<{ object: 'list'; data: ModelObject[] }> {
    const { policy } = requestContext(request);
    const models = await this.models.list();
    return { object: 'list', data: models.filter(({ id }) => this.access.allows(id, policy)) };
  }

  /** Any name that a chat completion would accept, slashes included. */
  @Get('*id')
  async get(@Param('id') id: string | string[], @Req() request: Request): Promise<ModelObject> {
    const name = Array.isArray(id) ? id.join('/') : id;
    await this.access.resolve(name, requestContext(request).policy);
    return this.models.toObject(name);
  }
}
