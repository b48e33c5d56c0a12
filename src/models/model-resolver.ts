import { Injectable } from '@nestjs/common';
import type { CatalogueModel } from '../claude-cli/initialization.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { ModelsSettings } from '../config/settings.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';

export interface ResolvedModel {
  /** The name that the client used. */
  readonly requested: string;
  /** The name that the CLI is given. */
  readonly cliModel: string;
  /** What the CLI says of the model; undefined for an id that it does not list. */
  readonly catalogue?: CatalogueModel;
}

/** Full ids as Anthropic, Bedrock and Vertex write them. */
const FULL_ID = /^(?:(?:[a-z]{2,6}\.)?anthropic\.)?claude-[\w.:@-]+(?:\[1m\])?$/;

/** Finds the model that a client means. */
@Injectable()
export class ModelResolver {
  constructor(
    private readonly settings: ModelsSettings,
    private readonly pool: ProcessPoolService,
  ) {}

  /**
   * Aliases of the settings first, then the CLI's own catalogue, then full ids as they are. Throws `model_not_found`, or
   * why it cannot be told while the CLI has not given its catalogue.
   */
  resolve(requested: string): ResolvedModel {
    const model = this.find(requested);
    if (model) return model;
    knownCatalogue(this.pool);
    throw modelNotFound(requested);
  }

  /** As `resolve`, but undefined for a name that means no model as far as is known. */
  find(requested: string): ResolvedModel | undefined {
    const name = Object.hasOwn(this.settings.aliases, requested)
      ? (this.settings.aliases[requested] ?? requested)
      : requested;
    const catalogue = this.pool.catalogue.find(({ value, resolvedModel }) => value === name || resolvedModel === name);
    if (catalogue) return { requested, cliModel: catalogue.resolvedModel, catalogue };
    return FULL_ID.test(name) ? { requested, cliModel: name } : undefined;
  }
}

export function modelNotFound(name: string): GatewayError {
  const message = `The model '${name}' does not exist or you do not have access to it.`;
  return new GatewayError(404, 'invalid_request_error', message, { param: 'model', code: 'model_not_found' });
}
