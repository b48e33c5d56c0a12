import type { DocumentBlockParam, ImageBlockParam } from '@anthropic-ai/sdk/resources/messages';

/** An image or file as the model is given it. */
export type MediaBlock = ImageBlockParam | DocumentBlockParam;

/** A block, and how large what it holds is. */
export interface Media {
  readonly block: MediaBlock;
  readonly bytes: number;
}
