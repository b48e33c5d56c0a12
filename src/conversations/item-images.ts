import type { UserBlock } from '../claude-cli/turn/turn.ts';
import { invalidRequest } from '../common/errors/gateway-error.ts';
import { toGatewayError, tooManyMedia, tooMuchMedia } from '../media/to-gateway-error.ts';
import type { MediaService } from '../media/media.service.ts';

type ImageBlock = Extract<UserBlock, { type: 'image' }>;

/** Reads the images of one request's items, within the bounds that those of a chat have. */
export class ItemImages {
  private count = 0;
  private bytes = 0;

  constructor(private readonly media: Pick<MediaService, 'inlineImage' | 'maxCounts' | 'maxTotalBytes'>) {}

  /**
   * An image by data URL. Throws a GatewayError of status 400 for what cannot be used.
   *
   * @param path where the URL stands in the body
   */
  read(url: string, path: string): ImageBlock {
    const { maxCounts, maxTotalBytes } = this.media;
    if ((this.count += 1) > maxCounts.image) throw tooManyMedia('image', maxCounts.image, path);
    const { block, bytes } = this.inline(url, path);
    if ((this.bytes += bytes) > maxTotalBytes) throw tooMuchMedia(path, maxTotalBytes);
    if (block.type === 'image') return block;
    throw invalidRequest(`Invalid '${path}': expected an image.`, path, 'invalid_value');
  }

  private inline(url: string, path: string): ReturnType<MediaService['inlineImage']> {
    try {
      return this.media.inlineImage(url);
    } catch (error) {
      throw toGatewayError(error, path);
    }
  }
}
