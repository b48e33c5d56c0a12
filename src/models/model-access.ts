import { Injectable } from '@nestjs/common';
import { GatewayError } from '../common/errors/gateway-error.ts';
import type { KeyPolicy } from '../config/key-policy.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';
import { ModelResolver, type ResolvedModel } from './model-resolver.ts';

/** Checks which models a key may use. Any name of a model counts: an alias, the CLI's name, the full id. */
@Injectable()
export class ModelAccess {
  constructor(
    private readonly resolver: ModelResolver,
    private readonly pool: ProcessPoolService,
  ) {}

  /**
   * Resolves the model of a request. Rejects as ModelResolver does, and with status 403 if the key may not use the model.
   */
  async resolve(requested: string, { models }: Pick<KeyPolicy, 'models'>): Promise<ResolvedModel> {
    const model = await this.resolver.resolve(requested);
    if (!models || this.isAmong(models, model)) return model;
    // Without a catalogue it is unknown whether an allowed name means this model; then report that instead.
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

/** OpenAI's error for a project without access to a model. */
function modelNotAllowed(name: string): GatewayError {
  const message = `Your API key does not have access to model '${name}'.`;
  return new GatewayError(403, message, { param: 'model', code: 'model_not_found' });
}
