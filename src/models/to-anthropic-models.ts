import type { ModelInfo } from '@anthropic-ai/sdk/resources/models';
import type { ModelObject } from './models.service.ts';

/** A model in Anthropic's format. */
export type AnthropicModel = Pick<ModelInfo, 'id' | 'display_name' | 'created_at'> & { readonly type: 'model' };

/** A single page with all models. */
export interface AnthropicModels {
  readonly data: readonly AnthropicModel[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: false;
}

/** @param displayName the CLI's, if it lists the model */
export function toAnthropicModel({ id, created }: ModelObject, displayName = id): AnthropicModel {
  const date = new Date(created * 1000).toISOString().replace('.000Z', 'Z');
  return { type: 'model', id, display_name: displayName, created_at: date };
}

export function toAnthropicModels(data: readonly AnthropicModel[]): AnthropicModels {
  return { data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false };
}
