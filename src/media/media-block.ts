import type { DocumentBlockParam, ImageBlockParam } from '@anthropic-ai/sdk/resources/messages';

/** An image or file in the form for the model. */
export type MediaBlock = ImageBlockParam | DocumentBlockParam;

/** A block, and the size of its content. */
export interface Media {
  readonly block: MediaBlock;
  readonly bytes: number;
}
