import type { MappedTurn } from '../../src/answers/door/asked-turns.ts';
import type { HeldConversation } from '../../src/answers/continue-conversation.ts';
import { invalidRequest } from '../../src/common/errors/gateway-error.ts';
import { givenHistory } from '../../src/responses/request/given-history.ts';
import { mapTextFormat } from '../../src/responses/request/map-text-format.ts';
import { mediaParts } from '../../src/responses/request/media-parts.ts';
import { OfferedTools } from '../../src/responses/request/offered-tools.ts';
import { placeItems } from '../../src/responses/request/place-items.ts';
import { parseResponseRequest } from '../../src/responses/request/response-request.ts';
import { toTurn } from '../../src/responses/request/to-turn.ts';

/** The one text of encrypted reasoning that is taken. */
export const SEALED = 'sealed';

/** A body of the Responses API as the service understands it, up to the turn; each image and file can be read. */
export function understandResponse(body: unknown, held?: HeldConversation): MappedTurn {
  givenHistory(body, undefined);
  const request = parseResponseRequest(body);
  const placed = placeItems(request, {
    before: { item: () => undefined, thinking: () => undefined },
    open: (sealed, path) => {
      const param = `${path}.encrypted_content`;
      if (sealed !== SEALED) throw invalidRequest(`Invalid '${param}'.`, param, 'invalid_encrypted_content');
      return { type: 'thinking', thinking: 'Hm.', signature: 'sig' };
    },
  });
  mapTextFormat(request);
  const media = new Map(
    mediaParts(placed.items).map(({ part, source }) => {
      if (source.type === 'none') throw source.error;
      return [part, { type: 'text' as const, text: `[${part.type}]` }];
    }),
  );
  const tools = new OfferedTools(request.tools ?? []);
  const model = { requested: request.model, cliModel: request.model };
  const understood = { request, model, tools, placed, media, changedNumbers: [] };
  return toTurn(understood, { defaultEffort: 'none', isStrict: false, isCopied: false, ...(held && { held }) });
}
