import type { Turn } from '../claude-cli/turn.ts';
import { unsupported } from '../common/errors/gateway-error.ts';
import type { ResolvedModel } from '../models/model-resolver.ts';
import { checkAvailability } from './check-availability.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';
import { mapMessages } from './map-messages.ts';
import { mapParameters, type DefaultEffort } from './map-parameters.ts';
import { mapTools } from './map-tools.ts';

export interface ToTurnOptions {
  readonly defaultEffort: DefaultEffort;
  /** Whether a field without effect is refused instead of being named in a header. */
  readonly isStrict: boolean;
}

export interface MappedRequest {
  readonly turn: Turn;
  /** Fields that were accepted but have no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/** Translates a request. Pure; throws a GatewayError of status 400 for what cannot be honoured. */
export function toTurn(request: ChatCompletionRequest, model: ResolvedModel, options: ToTurnOptions): MappedRequest {
  const unused = checkAvailability(request);
  const { settings, ignored } = mapParameters(request, model, options.defaultEffort);
  const all = [...unused, ...ignored];
  const first = all[0];
  if (options.isStrict && first !== undefined) {
    const field = first.split(' ')[0] ?? first;
    throw unsupported(
      `Unsupported parameter: '${first}' has no effect here, and this service refuses such parameters.`,
      field,
    );
  }
  return {
    turn: { model: model.cliModel, ...mapMessages(request.messages), tools: mapTools(request), settings },
    ignored: all,
  };
}
