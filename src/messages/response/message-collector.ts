import type { ContentBlock, Message, RawContentBlockDelta } from '@anthropic-ai/sdk/resources/messages';
import type { AnswerCollector } from '../../answers/door/prepared-answer.ts';
import { toCallInput } from '../../claude-cli/turn/call-input.ts';
import type { TurnFinish } from '../../claude-cli/turn/turn.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import { AnswerBlocks, type BlockEvent } from './answer-blocks.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { mapUsage } from './map-usage.ts';
import { emptyMessage } from './message-encoder.ts';

/** Collects the events of an answer until they make one message: what a client makes of the stream. */
export class MessageCollector implements AnswerCollector {
  readonly totals = new AnswerTotals();
  private readonly blocks = new AnswerBlocks();
  private readonly content: ContentBlock[] = [];
  private json = '';
  private finish: TurnFinish | undefined;

  /** @param id of the message */
  constructor(private readonly id: string) {}

  accept(answerEvent: AnswerEvent): void {
    this.totals.accept(answerEvent);
    const { event } = answerEvent;
    for (const blockEvent of this.blocks.accept(event)) this.apply(blockEvent);
    if (event.type === 'finish') this.finish = event;
  }

  get body(): Message {
    const { finish } = this;
    return {
      ...emptyMessage(this.id, this.totals.model),
      content: this.content,
      stop_reason: finish ? mapStopReason(finish) : null,
      stop_sequence: finish?.stopSequence ?? null,
      usage: mapUsage(this.totals.usage),
    };
  }

  private apply(event: BlockEvent): void {
    switch (event.type) {
      case 'content_block_start':
        this.content.push(event.content_block);
        this.json = '';
        return;
      case 'content_block_delta':
        this.append(event.delta);
        return;
      case 'content_block_stop':
        this.endBlock();
    }
  }

  private append(delta: RawContentBlockDelta): void {
    const block = this.content.at(-1);
    if (delta.type === 'text_delta' && block?.type === 'text') block.text += delta.text;
    else if (delta.type === 'thinking_delta' && block?.type === 'thinking') block.thinking += delta.thinking;
    else if (delta.type === 'signature_delta' && block?.type === 'thinking') block.signature += delta.signature;
    else if (delta.type === 'input_json_delta') this.json += delta.partial_json;
  }

  private endBlock(): void {
    const block = this.content.at(-1);
    if (block?.type === 'tool_use') block.input = inputOf(this.json);
  }
}

/** What a client makes of the arguments of a call; what is no object, or was cut off, is told as the model is told of it. */
function inputOf(json: string): unknown {
  if (json.trim() === '') return {};
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Cut off at the limit of the answer.
  }
  return toCallInput(json);
}
