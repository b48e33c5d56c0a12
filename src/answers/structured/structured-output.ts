import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  Observable,
  of,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import { UpstreamError } from '../../claude-cli/errors.ts';
import type { Turn, TurnEvent, TurnFinish } from '../../claude-cli/turn/turn.ts';
import { GatewayError } from '../../common/errors/gateway-error.ts';
import { addFinish } from './add-finish.ts';
import { invalidSchema } from './check-output-schema.ts';
import type { OutputFormat } from './output-format.ts';
import { SchemaChecker, UnusableSchemaError } from './schema-checker.ts';
import { StructuredAnswer, type CheckAnswer } from './structured-answer.ts';
import { constrainedTurn, instructedTurn, repairTurn } from './structured-turn.ts';
import type { Schema } from '../../turns/json-schema/subschemas.ts';

/**
 * Runs a turn, cold.
 *
 * @param isFollowUp whether the request was admitted before
 */
export type RunTurn = (turn: Turn, isFollowUp: boolean) => Observable<TurnEvent>;

export interface StructuredRun {
  readonly format: OutputFormat;
  /** The tenant of the request. */
  readonly tenant: string;
  readonly run: RunTurn;
  /** Whether to emit no text before the whole is validated. */
  readonly holdsBack: boolean;
}

/** The answer violates the requested format, and the repair failed or was impossible. */
export class StructuredOutputError extends GatewayError {
  /** @param spent the end of the failed turns, for accounting */
  constructor(
    { parameter }: OutputFormat,
    problem: string,
    readonly spent: TurnFinish,
  ) {
    super(502, `The model's answer is not what '${parameter}' asks for: ${problem}.`, {
      code: 'structured_output_failed',
      // The log must not quote the answer.
      cause: new Error('the answer of the model did not have the format that was asked for'),
    });
  }
}

/** The Messages API's wording when it cannot constrain an answer to a schema, or not on this model. */
const FORMAT_REFUSAL = /output_config|output_format|output format|structured output|json_schema|schema|grammar/i;
const MAX_REFUSED = 500;

/**
 * Answers in a format: only JSON, valid against the schema of the request. The API constrains the decoding to the schema if
 * it can; otherwise an instruction asks the model for it. Either way the answer is checked here. An invalid one is repaired
 * once, unless a part of it has been emitted.
 */
@Injectable()
export class StructuredOutput {
  /** Digests of combinations of model and schema that the API has refused recently. */
  private readonly refused = new LRUCache<string, true>({ max: MAX_REFUSED });

  constructor(private readonly checker: SchemaChecker) {}

  /**
   * Emits once the checker is ready for the format, cold. Fails with a GatewayError: of status 400 for an unusable schema,
   * otherwise as `SchemaChecker.prepare` after a vain wait.
   */
  prepare({ schema, field }: OutputFormat, tenant: string): Observable<void> {
    if (!schema) return of(undefined);
    return new Observable((subscriber) => {
      const leaving = new AbortController();
      this.checker.prepare(schema, { tenant, signal: leaving.signal }).then(
        () => {
          subscriber.next();
          subscriber.complete();
        },
        (error: unknown) =>
          subscriber.error(error instanceof UnusableSchemaError ? invalidSchema(error.message, field) : error),
      );
      return () => leaving.abort();
    });
  }

  run(turn: Turn, asked: StructuredRun): Observable<TurnEvent> {
    const { schema } = asked.format;
    const check: CheckAnswer = (json) =>
      schema ? this.checker.check(schema, json, { tenant: asked.tenant }) : Promise.resolve(undefined);
    const structured = { ...asked, check };
    return defer(() => {
      const { constrained } = structured.format;
      const instructed = instructedTurn(turn, structured.format);
      if (!constrained || this.refused.has(keyOf(turn, constrained))) return firstTry(instructed, structured, false);
      return firstTry(constrainedTurn(turn, constrained), structured, false).pipe(
        catchError((error: unknown) => {
          if (!isFormatRefusal(error)) return throwError(() => error);
          this.refused.set(keyOf(turn, constrained), true);
          return soon(firstTry(instructed, structured, true));
        }),
      );
    });
  }
}

/** A run whose answer can be checked. */
type CheckedRun = StructuredRun & { readonly check: CheckAnswer };

function firstTry(turn: Turn, structured: CheckedRun, isFollowUp: boolean): Observable<TurnEvent> {
  const { format, run, holdsBack, check } = structured;
  return defer(() => {
    const answer = new StructuredAnswer(format, holdsBack, check);
    const conclude = (): Observable<TurnEvent> => {
      if (!answer.wrong) return EMPTY;
      const { problem, finish, wasShown } = answer.wrong;
      if (wasShown) return throwError(() => new StructuredOutputError(format, problem, finish));
      return soon(secondTry(repairTurn(turn, finish, problem), structured, finish));
    };
    return concat(run(turn, isFollowUp).pipe(concatMap((event) => answer.accept(event))), defer(conclude));
  });
}

function secondTry(turn: Turn, structured: CheckedRun, first: TurnFinish): Observable<TurnEvent> {
  const { format, run, holdsBack, check } = structured;
  return defer(() => {
    const answer = new StructuredAnswer(format, holdsBack, check);
    const conclude = (): Observable<TurnEvent> => {
      if (!answer.wrong) return EMPTY;
      const { problem, finish } = answer.wrong;
      return throwError(() => new StructuredOutputError(format, problem, finish));
    };
    const events = run(turn, true).pipe(
      // The client's answer began with the first attempt, and the thinking here concerns the repair.
      filter(({ type }) => !OF_FIRST_TRY.has(type)),
      concatMap((event) => answer.accept(event.type === 'finish' ? addFinish(first, event) : event)),
    );
    return concat(events, defer(conclude));
  });
}

/** Events that a second attempt does not repeat. Its block events are dropped too. */
const OF_FIRST_TRY: ReadonlySet<TurnEvent['type']> = new Set(['start', 'reasoning-delta', 'block-start', 'block-end']);

/** Subscribes after the process of the previous turn has become idle, so that the next turn can use it. */
function soon<T>(next: Observable<T>): Observable<T> {
  return timer(0).pipe(switchMap(() => next));
}

function isFormatRefusal(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.status !== 400 || error.isPromptTooLong) return false;
  return FORMAT_REFUSAL.test(error.detail) && !error.detail.startsWith('tools.');
}

function keyOf({ model }: Turn, schema: Schema): string {
  return createHash('sha256')
    .update(JSON.stringify([model, schema]))
    .digest('base64');
}
