import {
  parseChatCompletionRequest,
  type ChatCompletionRequest,
  type ChatMessage,
} from '../../src/chat/request/dto/chat-completion-request.ts';
import { toOpenAiBody } from '../../src/chat/request/client-forms/to-openai-body.ts';
import { mediaParts, type MediaPart } from '../../src/chat/request/media-parts.ts';
import type { ResolvedMedia } from '../../src/media/resolve-media.ts';
import type { MappedTurn } from '../../src/answers/door/asked-turns.ts';
import { toTurn } from '../../src/chat/request/to-turn.ts';

export interface Understood extends MappedTurn {
  readonly request: ChatCompletionRequest;
}

/** A body as the service understands it, up to the turn; each image and file is taken for one that can be read. */
export function understand(body: unknown): Understood {
  const json = JSON.stringify(body);
  return understandJson(json);
}

/** The same, from the JSON that a client sends. */
export function understandJson(json: string): Understood {
  const form = toOpenAiBody(JSON.parse(json), Buffer.from(json));
  try {
    const request = parseChatCompletionRequest(form.body, form);
    const model = { requested: request.model, cliModel: request.model };
    const mapped = toTurn(request, model, anyMedia(request.messages), { defaultEffort: 'none', isStrict: false });
    const ignored = mapped.ignored.map((entry) => form.origins.toClientEntry(form.body, entry));
    return { ...mapped, ignored, request };
  } catch (error) {
    throw form.origins.toClientError(form.body, error);
  }
}

/** An image or document for each part of a request, whose source is its URL or data. */
export function anyMedia(messages: readonly ChatMessage[]): ResolvedMedia<MediaPart> {
  return new Map(
    mediaParts(messages).map(({ part }) => {
      const url = part.type === 'image_url' ? part.image_url.url : (part.file.file_data ?? part.file.file_url ?? '');
      const source = { type: 'url' as const, url };
      return [part, part.type === 'image_url' ? { type: 'image', source } : { type: 'document', source }];
    }),
  );
}
