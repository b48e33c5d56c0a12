import type { MappedTurn } from '../../src/answers/door/asked-turns.ts';
import type { OutputFormat } from '../../src/answers/structured/output-format.ts';
import type { CatalogueModel } from '../../src/claude-cli/session/initialization.ts';
import type { ResolvedMedia } from '../../src/media/resolve-media.ts';
import { parseMessagesRequest, type AnthropicMessage } from '../../src/messages/request/dto/messages-request.ts';
import { mapOutputFormat } from '../../src/messages/request/map-output-format.ts';
import { mediaBlocks, type MediaPart } from '../../src/messages/request/media-blocks.ts';
import { SCHEMA_PATHS } from '../../src/messages/request/schema-paths.ts';
import { toTurn } from '../../src/messages/request/to-turn.ts';
import { keepDigits } from '../../src/turns/numbers/keep-digits.ts';

export interface UnderstoodMessages extends MappedTurn {
  readonly format: OutputFormat | undefined;
}

/** A body as the service understands it, up to the turn; each image and file is taken for one that can be read. */
export function understandMessages(sent: unknown, catalogue?: CatalogueModel): UnderstoodMessages {
  return understandMessagesJson(JSON.stringify(sent), catalogue);
}

/** The same, from the JSON that a client sends. */
export function understandMessagesJson(json: string, catalogue?: CatalogueModel): UnderstoodMessages {
  const body = JSON.parse(json) as unknown;
  keepDigits(body, Buffer.from(json), SCHEMA_PATHS);
  const request = parseMessagesRequest(body);
  const model = { requested: request.model, cliModel: request.model, ...(catalogue && { catalogue }) };
  const format = mapOutputFormat(request);
  return { ...toTurn(request, model, anyMedia(request.messages), { defaultEffort: 'none', isStrict: false }), format };
}

/** An image or document for each block of a request that needs to be read. */
function anyMedia(messages: readonly AnthropicMessage[]): ResolvedMedia<MediaPart> {
  return new Map(
    mediaBlocks(messages).map(({ part, source, isHistory }) => {
      if (source.type === 'none' && !isHistory) throw source.error;
      const url = source.type === 'url' ? source.url : 'https://a.test';
      return [part, { type: part.type, source: { type: 'url', url } }];
    }),
  );
}
