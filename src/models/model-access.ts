import { Injectable } from '@nestjs/common';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { KeyPolicy } from '../config/key-policy.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';
import { ModelResolver, type ResolvedModel } from './model-resolver.ts';

/** Which models a key may use. A model is meant by any of its names: an alias, the CLI's name, the full id. */
@Injectable()
export class ModelAccess {
  constructor(
    private readonly resolver: ModelResolver,
    private readonly pool: ProcessPoolService,
  ) {}

  /** The model that a client means. Rejects as ModelResolver does, and with status 403 for one that its key may not use. */
  async resolve(requested: string, { models }: Pick<KeyPolicy, 'models'>): Promise<ResolvedModel> {
    const model = await this.resolver.resolve(requested);
    if (!models || this.isAmong(models, model)) return model;
    // A name that the catalogue explains may be this model.
    knownCatalogue(this.pool);
    throw modelNotAllowed(requested);
  }

  allows(name: string, policy: Pick<KeyPolicy, 'models'>): boolean {
    const model = this.resolver.find(name);
    return policy.models === undefined || (model !== undefined && this.isAmong(policy.models, model));
  }

  private isAmong(names: readonly string[], { cliModel }: ResolvedModel): boolean {
    return names.some((name) => this.resolver.find(name)?.cliModel === cliModel);
  }
}

/** As OpenAI answers a key whose project may not use a model. */
function modelNotAllowed(name: string): GatewayError {
  const message = `Your API key does not have access to model '${name}'.`;
  return new GatewayError(403, message, { param: 'model', code: 'model_not_found' });
}
