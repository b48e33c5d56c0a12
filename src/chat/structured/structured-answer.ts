import { from, mergeAll, type ObservableInput } from 'rxjs';
import type { TurnEvent, TurnFinish } from '../../claude-cli/turn.ts';
import { AnswerGate } from './answer-gate.ts';
import type { OutputFormat } from './output-format.ts';

/** An answer that cannot be handed out. */
export interface WrongAnswer {
  /** What is wrong with it, in words for the model. */
  readonly problem: string;
  readonly finish: TurnFinish;
  /** Whether a part of it has been handed out already. */
  readonly wasShown: boolean;
}

/**
 * The events of one turn as a client may see them: of its text what is JSON, and its end only if the answer is right.
 * A turn that calls tools is handed on as it is.
 */
export class StructuredAnswer {
  /** Set with the end of the turn if the answer is wrong. */
  wrong: WrongAnswer | undefined;
  private readonly gate: AnswerGate;
  private text = '';
  private wasShown = false;
  private hasCalls = false;

  /** @param holdsBack whether no text is shown before all of it is known to be right */
  constructor(
    private readonly format: OutputFormat,
    private readonly holdsBack: boolean,
  ) {
    this.gate = new AnswerGate(format.requiresObject);
  }

  /** What of an event is handed on. */
  accept(event: TurnEvent): ObservableInput<TurnEvent> {
    switch (event.type) {
      case 'text-delta':
        return this.acceptText(event.text);
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

  /** What was said before a call of a tool is no answer yet, and may be prose. */
  private release(): TurnEvent[] {
    if (this.hasCalls) return [];
    this.hasCalls = true;
    return this.show(this.wasShown ? this.gate.rest : this.text);
  }

  private async finish(finish: TurnFinish): Promise<TurnEvent[]> {
    if (finish.reason === 'tool-calls') return [...this.release(), finish];
    if (finish.reason === 'refusal') return [finish];
    const problem = this.wasCut(finish) ? undefined : await this.findProblem();
    if (problem !== undefined) {
      this.wrong = { problem, finish, wasShown: this.wasShown };
      return [];
    }
    return [...(this.holdsBack ? this.show(this.gate.passed) : []), finish];
  }

  /** Whether the answer ends early because the client wanted it so; it gets what there is, as from OpenAI. */
  private wasCut({ reason, stopSequence }: TurnFinish): boolean {
    return reason === 'length' || (stopSequence !== undefined && this.gate.passed !== '' && this.gate.rest === '');
  }

  private async findProblem(): Promise<string | undefined> {
    const { passed, rest, isWhole } = this.gate;
    if (isWhole) return this.format.check(passed);
    if (this.text.trim() === '') return 'it is empty';
    if (passed === '') return `it does not begin with ${this.format.requiresObject ? 'a JSON object' : 'JSON'}`;
    if (rest === '') return 'the JSON is not complete';
    return this.gate.hasEnded ? 'something else follows the JSON' : 'it is not valid JSON';
  }

  private show(text: string): TurnEvent[] {
    if (text === '') return [];
    this.wasShown = true;
    return [{ type: 'text-delta', text }];
  }
}
