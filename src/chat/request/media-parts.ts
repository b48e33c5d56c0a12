import { invalidRequest, unsupported } from '../../common/errors/gateway-error.ts';
import type { MediaSource, PlacedMedia, ResolvedMedia } from '../../media/resolve-media.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';
import type { ResultPart } from './dto/message-content.ts';

export type MediaPart = Extract<ResultPart, { type: 'image_url' | 'file' }>;

/** The images and files of a request by their weight: what is asked now, then the history from its end. */
export function mediaParts(messages: readonly ChatMessage[]): PlacedMedia<MediaPart>[] {
  const found = messages.flatMap((message, index) => {
    if (message.role !== 'user' && message.role !== 'tool') return [];
    const isHistory = message.role === 'tool' || index < messages.length - 1;
    return partsOf(message.content, `messages[${index}].content`, isHistory);
  });
  return [...found.filter(({ isHistory }) => !isHistory), ...found.filter(({ isHistory }) => isHistory).toReversed()];
}

/** What of a request's images and files the model is not given, in words for a header. */
export function missingMedia(media: ResolvedMedia<MediaPart>): string[] {
  const missing = [...media].flatMap(([{ type }, block]) => (block.type === 'text' ? [type] : []));
  return [...new Set(missing)].map((type) => `messages.content.${type} (not available; the model gets a note)`);
}

type Content = Extract<ChatMessage, { role: 'user' | 'tool' }>['content'];

function partsOf(content: Content, path: string, isHistory: boolean): PlacedMedia<MediaPart>[] {
  if (typeof content === 'string') return [];
  return content.flatMap((part, index) => {
    switch (part.type) {
      case 'image_url':
      case 'file':
        return [placed(part, `${path}[${index}]`, isHistory)];
      case 'tool_result':
        return partsOf(part.content ?? '', `${path}[${index}].content`, true);
      default:
        return [];
    }
  });
}

function placed(part: MediaPart, path: string, isHistory: boolean): PlacedMedia<MediaPart> {
  if (part.type === 'image_url') {
    return {
      part,
      kind: 'image',
      path,
      isHistory,
      source: { type: 'url', url: part.image_url.url, field: 'image_url.url' },
    };
  }
  const title = part.file.filename ?? undefined;
  return { part, kind: 'file', path, isHistory, source: fileSource(part, path), ...(title !== undefined && { title }) };
}

function fileSource({ file }: Extract<MediaPart, { type: 'file' }>, path: string): MediaSource {
  const { file_data: data, file_id: id, file_url: url } = file;
  if (typeof id === 'string') {
    const message = 'Uploaded files are not available here: send the content in file_data.';
    return { type: 'none', error: unsupported(message, `${path}.file.file_id`) };
  }
  if (typeof data === 'string') return { type: 'data', data, field: 'file.file_data' };
  if (typeof url === 'string') return { type: 'url', url, field: 'file.file_url' };
  const param = `${path}.file.file_data`;
  const message = `Missing required parameter: '${param}'.`;
  return { type: 'none', error: invalidRequest(message, param, 'missing_required_parameter') };
}
