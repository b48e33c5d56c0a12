import { Injectable } from '@nestjs/common';
import type { Model } from 'openai/resources/models';
import { ModelsSettings } from '../config/settings.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';

export type ModelObject = Pick<Model, 'id' | 'object' | 'created' | 'owned_by'>;

/** The CLI's catalogue tells no dates; clients only need a number that does not change. */
const CREATED = 1_735_689_600;

/** Which models there are. */
@Injectable()
export class ModelsService {
  constructor(
    private readonly settings: ModelsSettings,
    private readonly pool: ProcessPoolService,
  ) {}

  /**
   * The CLI's names and the full ids behind them, then the operator's aliases, each once. While the service starts, waits
   * for the CLI. Rejects with why there is no catalogue.
   */
  async list(): Promise<ModelObject[]> {
    await this.pool.untilChecked();
    const names = knownCatalogue(this.pool).flatMap(({ value, resolvedModel }) => [value, resolvedModel]);
    return [...new Set([...names, ...Object.keys(this.settings.aliases)])].map((name) => this.toObject(name));
  }

  toObject(id: string): ModelObject {
    const isAlias = Object.hasOwn(this.settings.aliases, id);
    return { id, object: 'model', created: CREATED, owned_by: isAlias ? 'alias' : 'anthropic' };
  }
  /** The CLI's name of a model for people; undefined for one that it does not list under this id. */
  displayName(id: string): string | undefined {
    return this.pool.catalogue.find(({ value, resolvedModel }) => value === id || resolvedModel === id)?.displayName;
  }
}
