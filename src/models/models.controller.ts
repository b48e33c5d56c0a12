import { Controller, Get, Headers, Param } from '@nestjs/common';
import { Context } from '../common/http/context.decorator.ts';
import type { KeyPolicy } from '../config/key-policy.ts';
import { ModelAccess } from './model-access.ts';
import { ModelsService, type ModelObject } from './models.service.ts';
import {
  toAnthropicModel,
  toAnthropicModels,
  type AnthropicModel,
  type AnthropicModels,
} from './to-anthropic-models.ts';

/**
 * The models of the CLI's catalogue that the key may use, in OpenAI's format; in Anthropic's format for clients that send
 * `anthropic-version`.
 */
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly access: ModelAccess,
  ) {}

  @Get()
  async list(
    @Context('policy') policy: KeyPolicy,
    @Headers('anthropic-version') version: string | undefined,
  ): Promise<{ object: 'list'; data: ModelObject[] } | AnthropicModels> {
    const models = (await this.models.list()).filter(({ id }) => this.access.allows(id, policy));
    if (version === undefined) return { object: 'list', data: models };
    return toAnthropicModels(models.map((model) => this.toAnthropic(model)));
  }

  /** Any model name that a chat completion accepts, including slashes. */
  @Get('*id')
  async get(
    @Param('id') id: string | string[],
    @Context('policy') policy: KeyPolicy,
    @Headers('anthropic-version') version: string | undefined,
  ): Promise<ModelObject | AnthropicModel> {
    const name = Array.isArray(id) ? id.join('/') : id;
    await this.access.resolve(name, policy);
    const model = this.models.toObject(name);
    return version === undefined ? model : this.toAnthropic(model);
  }

  private toAnthropic(model: ModelObject): AnthropicModel {
    return toAnthropicModel(model, this.models.displayName(model.id));
  }
}
