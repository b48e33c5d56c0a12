import { Injectable } from '@nestjs/common';
import type { Model } from 'openai/resources/models';
import { ModelsSettings } from '../config/settings.ts';
import { ProcessPoolService } from '../process-pool/process-pool.service.ts';
import { knownCatalogue } from './known-catalogue.ts';

export type ModelObject = Pick<Model, 'id' | 'object' | 'created' | 'owned_by'>;

/** The CLI's catalogue has no dates; clients only need a constant. */
const CREATED = 1_735_689_600;

/** Lists the available models. */
@Injectable()
export class ModelsService {
  constructor(
    private readonly settings: ModelsSettings,
    private readonly pool: ProcessPoolService,
  ) {}

  /**
   * The CLI's names and their full ids, then the operator's aliases, without duplicates. During the start waits for the
   * CLI. Rejects with the reason for a missing catalogue.
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
  /** The CLI's display name of a model; undefined if it does not list this id. */
  displayName(id: string): string | undefined {
    return this.pool.catalogue.find(({ value, resolvedModel }) => value === id || resolvedModel === id)?.displayName;
  }
}
