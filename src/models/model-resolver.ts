import { Injectable } from '@nestjs/common';
import type { CatalogueModel } from '../claude-cli/session/initialization.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { ModelsSettings } from '../config/settings.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';
import { spellingsOf, withoutSnapshot } from './model-names.ts';

export interface ResolvedModel {
  /** The client's name of the model. */
  readonly requested: string;
  /** The name for the CLI. */
  readonly cliModel: string;
  /** The CLI's catalogue entry; undefined for an unlisted id. */
  readonly catalogue?: CatalogueModel;
}

/** Full ids in the notations of Anthropic, Bedrock and Vertex. */
const FULL_ID = /^(?:(?:[a-z]{2,6}\.)?anthropic\.)?claude-[\w.:@-]+(?:\[1m\])?$/;

/** Longer than any model name. Each name is tried in several spellings. */
const MAX_NAME_CHARACTERS = 500;

/** Finds the model for a client's name. */
@Injectable()
export class ModelResolver {
  /** The configured aliases by lower-case name. */
  private readonly lowerCaseAliases: ReadonlyMap<string, string>;

  constructor(
    private readonly settings: ModelsSettings,
    private readonly pool: ProcessPoolService,
  ) {
    const aliases = Object.entries(settings.aliases);
    this.lowerCaseAliases = new Map(aliases.map(([name, model]) => [name.toLowerCase(), model]));
  }

  /**
   * Tries the aliases of the settings, then the CLI's catalogue, then full ids as they are; then the same without a
   * provider prefix and in lower case. During the start waits for the CLI's catalogue. Rejects with `model_not_found`, or
   * with the reason for a missing catalogue.
   */
  async resolve(requested: string): Promise<ResolvedModel> {
    await this.pool.untilChecked();
    const model = this.find(requested);
    if (model) return model;
    knownCatalogue(this.pool);
    throw modelNotFound(requested);
  }

  /** As `resolve`, but undefined for a name without a known model. */
  find(requested: string): ResolvedModel | undefined {
    if (requested.length > MAX_NAME_CHARACTERS) return undefined;
    const spellings = spellingsOf(requested);
    for (const spelling of spellings) {
      const name = this.alias(spelling) ?? spelling;
      const catalogue = this.listed((id) => id === name);
      if (catalogue) return { requested, cliModel: catalogue.resolvedModel, catalogue };
      // An alias may name a model that the CLI does not list.
      if (name !== spelling) return this.unlisted(requested, [name]);
    }
    return this.unlisted(requested, spellings.toReversed());
  }

  private alias(name: string): string | undefined {
    return Object.hasOwn(this.settings.aliases, name) ? this.settings.aliases[name] : this.lowerCaseAliases.get(name);
  }

  private unlisted(requested: string, names: readonly string[]): ResolvedModel | undefined {
    const cliModel = names.find((name) => FULL_ID.test(name));
    if (cliModel === undefined) return undefined;
    // A snapshot has the capabilities of the listed model.
    const model = withoutSnapshot(cliModel);
    const catalogue = this.listed((id) => id === model);
    return { requested, cliModel, ...(catalogue && { catalogue }) };
  }

  private listed(isMeant: (name: string) => boolean): CatalogueModel | undefined {
    return this.pool.catalogue.find(({ value, resolvedModel }) => isMeant(value) || isMeant(resolvedModel));
  }
}

export function modelNotFound(name: string): GatewayError {
  const shown = name.slice(0, MAX_NAME_CHARACTERS);
  const message = `The model '${shown}' does not exist or you do not have access to it.`;
  return new GatewayError(404, message, { param: 'model', code: 'model_not_found' });
}
