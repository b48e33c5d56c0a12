import { from, mergeAll, type ObservableInput } from 'rxjs';
import type { TurnEvent, TurnFinish } from '../../claude-cli/turn/turn.ts';
import { AnswerGate } from './answer-gate.ts';
import { extractJson, holdsJson } from './extract-json.ts';
import type { OutputFormat } from './output-format.ts';

/** The problem of an answer that is JSON, and an object if required; undefined without one. */
export type CheckAnswer = (json: string) => Promise<string | undefined>;

/** An answer that violates its format. */
export interface WrongAnswer {
  /** The problem, in words for the model. */
  readonly problem: string;
  readonly finish: TurnFinish;
  /** Whether a part of it has been emitted already. */
  readonly wasShown: boolean;
}

/**
 * The events of one turn for the client: the JSON of its text, and its end only if the answer is valid. Passes on a turn
 * with tool calls unchanged.
 */
export class StructuredAnswer {
  /** Set at the end of the turn if the answer is invalid. */
  wrong: WrongAnswer | undefined;
  private readonly gate: AnswerGate;
  private text = '';
  private shown = '';
  private hasCalls = false;
  /** The position of the last block of text. */
  private textBlock: number | undefined;

  /** @param holdsBack whether to emit no text before the whole is validated */
  constructor(
    private readonly format: OutputFormat,
    private readonly holdsBack: boolean,
    private readonly check: CheckAnswer,
  ) {
    this.gate = new AnswerGate(format.requiresObject);
  }

  /** The events to emit for an event. */
  accept(event: TurnEvent): ObservableInput<TurnEvent> {
    switch (event.type) {
      case 'text-delta':
        return this.acceptText(event.text);
      case 'block-start':
        // The emitted text does not match the model's text blocks.
        if (event.kind !== 'text') return [event];
        this.textBlock = event.index;
        return [];
      case 'block-end':
        return event.index === this.textBlock ? [] : [event];
      case 'tool-call-start':
        return [...this.release(), event];
      case 'finish':
        return from(this.finish(event)).pipe(mergeAll());
      default:
        return [event];
    }
  }

  private acceptText(text: string): TurnEvent[] {
    if (this.hasCalls) return [{ type: 'text-delta', text }];
    this.text += text;
    const fresh = this.gate.push(text);
    return this.holdsBack ? [] : this.show(fresh);
  }

  /** The text before a tool call is no answer yet, and may be prose. */
  private release(): TurnEvent[] {
    if (this.hasCalls) return [];
    this.hasCalls = true;
    return this.show(this.shown === '' ? this.text : this.gate.rest);
  }

  private async finish(finish: TurnFinish): Promise<TurnEvent[]> {
    if (finish.reason === 'tool-calls') return [...this.release(), finish];
    if (finish.reason === 'refusal') return [finish];
    if (this.wasCut(finish)) return [...this.showUpTo(this.gate.passed), finish];
    const answer = this.findAnswer();
    const problem = answer === undefined ? this.problem : await this.check(answer);
    if (answer !== undefined && problem === undefined) return [...this.showUpTo(answer), finish];
    this.wrong = { problem: problem ?? '', finish, wasShown: this.shown !== '' };
    return [];
  }

  /** Whether a limit of the client ended the answer early; the client then gets the JSON so far. */
  private wasCut({ reason, stopSequence }: TurnFinish): boolean {
    return reason === 'length' || (stopSequence !== undefined && this.gate.passed !== '' && this.gate.rest === '');
  }

  /** The JSON of the answer; undefined without one, or with several candidates. */
  private findAnswer(): string | undefined {
    const { passed, rest, isWhole, hasEnded } = this.gate;
    if (isWhole) return passed;
    const { requiresObject } = this.format;
    // Whole or streamed, an answer that begins with JSON is that value or invalid.
    if (hasEnded) return holdsJson(rest, requiresObject) ? undefined : passed;
    return this.shown === '' ? extractJson(this.text, requiresObject) : undefined;
  }

  /** Why there is no answer. */
  private get problem(): string {
    const { passed, rest, hasEnded } = this.gate;
    if (this.text.trim() === '') return 'it is empty';
    if (passed === '') return `it does not begin with ${this.format.requiresObject ? 'a JSON object' : 'JSON'}`;
    if (rest === '') return 'the JSON is not complete';
    return hasEnded ? 'something else follows the JSON' : 'it is not valid JSON';
  }

  /** Emits the rest of the answer. */
  private showUpTo(answer: string): TurnEvent[] {
    return this.show(answer.slice(this.shown.length));
  }

  private show(text: string): TurnEvent[] {
    if (text === '') return [];
    this.shown += text;
    return [{ type: 'text-delta', text }];
  }
}
