import type { AnswerEncoder, StreamEvent } from '../../answers/door/prepared-answer.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import { openAiErrorFormat } from '../../common/errors/openai-error-format.ts';
import { mapAnswerUsage } from '../../openai/map-usage.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import type { CompletionIdentity } from './completion-identity.ts';
import { mapFinishReason } from './map-finish-reason.ts';

export interface TextChunkOptions {
  readonly identity: CompletionIdentity;
  /** The text that each choice begins with. */
  readonly echo: string;
  /** Whether a last chunk tells the usage; the others then carry `usage: null`. */
  readonly includesUsage: boolean;
}

/** Turns the events of an answer into the chunks of a text completion, each in the form of a whole one. */
export class TextChunkEncoder implements AnswerEncoder {
  private prefix = '';
  private readonly suffix: string;
  private readonly totals = new AnswerTotals();
  private readonly begun = new Set<number>();

  constructor(private readonly options: TextChunkOptions) {
    this.suffix = options.includesUsage ? ',"usage":null}' : '}';
  }

  encode(answerEvent: AnswerEvent): StreamEvent[] {
    const { choice, event } = answerEvent;
    this.totals.accept(answerEvent);
    switch (event.type) {
      case 'start':
        this.begin(event.model);
        return [];
      case 'text-delta':
        return [...this.echo(choice), this.chunk(choice, event.text, null)];
      case 'finish':
        this.begin(event.model);
        return [...this.echo(choice), this.chunk(choice, '', mapFinishReason(event.reason))];
      case 'block-start':
      case 'block-end':
      case 'reasoning-delta':
      case 'tool-call-start':
      case 'tool-call-delta':
        return [];
    }
  }

  end(): StreamEvent[] {
    const usage = `${this.prefix}[],"usage":${JSON.stringify(mapAnswerUsage(this.totals))}}`;
    return [...(this.options.includesUsage ? [{ data: usage }] : []), { data: '[DONE]' }];
  }

  /** The stream then ends without `[DONE]`. */
  fail(error: GatewayError): StreamEvent[] {
    return [{ data: JSON.stringify(openAiErrorFormat.body(error)) }];
  }

  /** What is equal in all chunks is put together once. */
  private begin(model: string): void {
    if (this.prefix !== '') return;
    const head = JSON.stringify({ ...this.options.identity, object: 'text_completion', model });
    this.prefix = `${head.slice(0, -1)},"choices":`;
  }

  /** The echo of a choice, before the first chunk of it. */
  private echo(choice: number): StreamEvent[] {
    if (this.begun.has(choice)) return [];
    this.begun.add(choice);
    return this.options.echo === '' ? [] : [this.chunk(choice, this.options.echo, null)];
  }

  private chunk(index: number, text: string, reason: string | null): StreamEvent {
    const choice = JSON.stringify({ text, index, logprobs: null, finish_reason: reason });
    return { data: `${this.prefix}[${choice}]${this.suffix}` };
  }
}
