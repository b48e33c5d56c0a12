import type { Completion, CompletionChoice } from 'openai/resources/completions';
import type { AnswerCollector } from '../../answers/door/prepared-answer.ts';
import { mapAnswerUsage, type AnswerUsage } from '../../openai/map-usage.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import { AnswerTotals } from '../../turns/answer-totals.ts';
import type { CompletionIdentity } from './completion-identity.ts';
import { mapFinishReason } from './map-finish-reason.ts';

export type TextCompletion = Completion & { usage: AnswerUsage };

interface CollectedChoice {
  text: string;
  reason: CompletionChoice['finish_reason'] | undefined;
}

/** Collects the events of an answer until they make one text completion. Thinking is no part of it. */
export class TextCompletionCollector implements AnswerCollector {
  readonly totals = new AnswerTotals();
  private readonly choices: CollectedChoice[] = [];

  /** @param echo the text that each choice begins with */
  constructor(
    private readonly identity: CompletionIdentity,
    private readonly echo: string,
  ) {}

  accept(answerEvent: AnswerEvent): void {
    this.totals.accept(answerEvent);
    const { event } = answerEvent;
    const choice = (this.choices[answerEvent.choice] ??= { text: this.echo, reason: undefined });
    if (event.type === 'text-delta') choice.text += event.text;
    else if (event.type === 'finish') choice.reason = mapFinishReason(event.reason);
  }

  /** The completion, once every choice has finished. */
  get body(): TextCompletion {
    return {
      ...this.identity,
      object: 'text_completion',
      model: this.totals.model,
      choices: this.choices.flatMap(({ text, reason }, index) =>
        reason === undefined ? [] : { text, index, logprobs: null, finish_reason: reason },
      ),
      usage: mapAnswerUsage(this.totals),
    };
  }
}
