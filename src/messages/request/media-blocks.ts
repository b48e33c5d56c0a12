import { unsupported } from '../../common/errors/gateway-error.ts';
import type { MediaSource, PlacedMedia, ResolvedMedia } from '../../media/resolve-media.ts';
import { isOther, type DocumentBlock, type ImageBlock } from './dto/content-blocks.ts';
import type { AnthropicMessage } from './dto/messages-request.ts';

export type MediaPart = ImageBlock | DocumentBlock;

/** The images and files of a request by their weight: what is asked now, then the history from its end. */
export function mediaBlocks(messages: readonly AnthropicMessage[]): PlacedMedia<MediaPart>[] {
  const found = messages.flatMap(({ role, content }, index) =>
    role === 'user' ? blocksOf(content, `messages[${index}].content`, index < messages.length - 1) : [],
  );
  return [...found.filter(({ isHistory }) => !isHistory), ...found.filter(({ isHistory }) => isHistory).toReversed()];
}

/** What of a request's images and files the model is not given, in words for a header. */
export function missingMedia(media: ResolvedMedia<MediaPart>): string[] {
  const missing = [...media].flatMap(([{ type }, block]) => (block.type === 'text' ? [type] : []));
  return [...new Set(missing)].map((type) => `messages.content.${type} (not available; the model gets a note)`);
}

type Content = Extract<AnthropicMessage, { role: 'user' }>['content'];

function blocksOf(content: Content, path: string, isHistory: boolean): PlacedMedia<MediaPart>[] {
  if (typeof content === 'string') return [];
  return content.flatMap((block, index) => {
    if (isOther(block)) return [];
    const place = `${path}[${index}]`;
    switch (block.type) {
      case 'image':
        return [{ part: block, kind: 'image', path: `${place}.source`, isHistory, source: imageSource(block, place) }];
      case 'document':
        return documentMedia(block, place, isHistory);
      case 'tool_result':
        return blocksOf(block.content ?? '', `${place}.content`, true);
      default:
        return [];
    }
  });
}

function imageSource({ source }: ImageBlock, path: string): MediaSource {
  switch (source.type) {
    case 'base64':
      return { type: 'url', url: `data:${source.media_type};base64,${source.data}`, field: 'data' };
    case 'url':
      return { type: 'url', url: source.url, field: 'url' };
    case 'file':
      return noFile(path);
  }
}

/** Nothing for a document of text, which needs no reading; the images of one that is made of blocks. */
function documentMedia(block: DocumentBlock, place: string, isHistory: boolean): PlacedMedia<MediaPart>[] {
  const { source } = block;
  const title = block.title ?? undefined;
  const placed = (given: MediaSource): PlacedMedia<MediaPart>[] => [
    { part: block, kind: 'file', path: `${place}.source`, isHistory, source: given, ...(title !== undefined && { title }) },
  ]; // prettier-ignore
  switch (source.type) {
    case 'base64':
      return placed({ type: 'data', data: `data:${source.media_type};base64,${source.data}`, field: 'data' });
    case 'url':
      return placed({ type: 'url', url: source.url, field: 'url' });
    case 'file':
      return placed(noFile(place));
    case 'content':
      return typeof source.content === 'string' ? [] : blocksOf(source.content, `${place}.source.content`, isHistory);
    case 'text':
      return [];
  }
}

function noFile(place: string): MediaSource {
  const message = 'Uploaded files are not available here: send the content in base64.';
  return { type: 'none', error: unsupported(message, `${place}.source.file_id`) };
}
