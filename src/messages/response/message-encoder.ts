import type { Message, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { AnswerEncoder, StreamEvent } from '../../answers/door/prepared-answer.ts';
import { NO_TOKENS, type TokenUsage } from '../../claude-cli/turn/token-usage.ts';
import type { TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { anthropicErrorFormat, type AnthropicErrorBody } from './anthropic-error-format.ts';
import { AnswerBlocks } from './answer-blocks.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { mapDeltaUsage, mapUsage } from './map-usage.ts';

/** Turns the events of an answer into those of Anthropic's stream. */
export class MessageEncoder implements AnswerEncoder {
  private readonly blocks = new AnswerBlocks();
  private hasBegun = false;
  private model = '';
  private usage: TokenUsage = NO_TOKENS;

  /** @param id of the message */
  constructor(private readonly id: string) {}

  encode({ event }: AnswerEvent): StreamEvent[] {
    if (event.type === 'start') {
      this.model = event.model;
      // The end tells the tokens of the answer: some clients add up both.
      this.usage = { ...(event.usage ?? NO_TOKENS), outputTokens: 0, thinkingTokens: 0 };
    }
    const blocks = this.blocks.accept(event);
    if (event.type === 'finish')
      return [...this.begin(event.model), ...blocks.map(write), ...finished(event).map(write)];
    return blocks.length === 0 ? [] : [...this.begin(this.model), ...blocks.map(write)];
  }

  /** The last event was that of the finish. */
  end(): StreamEvent[] {
    return [];
  }

  fail(error: GatewayError, requestId: string): StreamEvent[] {
    return [write(anthropicErrorFormat.body(error, requestId))];
  }

  private begin(model: string): StreamEvent[] {
    if (this.hasBegun) return [];
    this.hasBegun = true;
    const message = { ...emptyMessage(this.id, model), usage: mapUsage(this.usage) };
    return [write({ type: 'message_start', message })];
  }
}

/** A message before anything of it is known. */
export function emptyMessage(id: string, model: string): Omit<Message, 'usage'> {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
}

function finished(finish: TurnFinish): RawMessageStreamEvent[] {
  const delta = {
    stop_reason: mapStopReason(finish),
    stop_sequence: finish.stopSequence ?? null,
    stop_details: null,
    container: null,
  };
  return [{ type: 'message_delta', delta, usage: mapDeltaUsage(finish.usage) }, { type: 'message_stop' }];
}

function write(event: RawMessageStreamEvent | AnthropicErrorBody): StreamEvent {
  return { name: event.type, data: JSON.stringify(event) };
}
