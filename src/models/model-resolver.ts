import { Injectable } from '@nestjs/common';
import type { CatalogueModel } from '../claude-cli/session/initialization.ts';
import { GatewayError } from '../common/errors/gateway-error.ts';
import { ModelsSettings } from '../config/settings.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';
import { spellingsOf, withoutSnapshot } from './model-names.ts';

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

/** Longer than any name of a model. Each name is tried in several forms. */
const MAX_NAME_CHARACTERS = 500;

/** Finds the model that a client means. */
@Injectable()
export class ModelResolver {
  /** The aliases of the settings by their names in lower case. */
  private readonly lowerCaseAliases: ReadonlyMap<string, string>;

  constructor(
    private readonly settings: ModelsSettings,
    private readonly pool: ProcessPoolService,
  ) {
    const aliases = Object.entries(settings.aliases);
    this.lowerCaseAliases = new Map(aliases.map(([name, model]) => [name.toLowerCase(), model]));
  }

  /**
   * Aliases of the settings first, then the CLI's own catalogue, then full ids as they are; a name that is none of them is
   * tried without its provider and in lower case. While the service starts, waits for the CLI's catalogue. Rejects with
   * `model_not_found`, or with why there is no catalogue.
   */
  async resolve(requested: string): Promise<ResolvedModel> {
    await this.pool.untilChecked();
    const model = this.find(requested);
    if (model) return model;
    knownCatalogue(this.pool);
    throw modelNotFound(requested);
  }

  /** As `resolve`, but undefined for a name that means no model as far as is known. */
  find(requested: string): ResolvedModel | undefined {
    if (requested.length > MAX_NAME_CHARACTERS) return undefined;
    const spellings = spellingsOf(requested);
    for (const spelling of spellings) {
      const name = this.alias(spelling) ?? spelling;
      const catalogue = this.listed((id) => id === name);
      if (catalogue) return { requested, cliModel: catalogue.resolvedModel, catalogue };
      // An alias may mean what the CLI does not list.
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
    // A snapshot can do what the listed model can do.
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
