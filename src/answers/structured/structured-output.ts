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
 * @param isFollowUp whether it continues what was already admitted
 */
export type RunTurn = (turn: Turn, isFollowUp: boolean) => Observable<TurnEvent>;

export interface StructuredRun {
  readonly format: OutputFormat;
  /** Whose answer it is. */
  readonly tenant: string;
  readonly run: RunTurn;
  /** Whether no text is to be shown before all of it is known to be right. */
  readonly holdsBack: boolean;
}

/** The model did not give the format that was asked for, although it was told what was wrong. */
export class StructuredOutputError extends GatewayError {
  /** @param spent the end of what was asked in vain, for those who account for it */
  constructor(
    { parameter }: OutputFormat,
    problem: string,
    readonly spent: TurnFinish,
  ) {
    super(502, `The model's answer is not what '${parameter}' asks for: ${problem}.`, {
      code: 'structured_output_failed',
      // What is logged must not quote the answer.
      cause: new Error('the answer of the model did not have the format that was asked for'),
    });
  }
}

/** How the Messages API words that it cannot hold an answer to a schema, or not on this model. */
const FORMAT_REFUSAL = /output_config|output_format|output format|structured output|json_schema|schema|grammar/i;
const MAX_REFUSED = 500;

/**
 * Answers in a format: JSON and nothing else, valid against the schema of the request. The API holds the decoding to the
 * schema where it can, otherwise the model is asked for it; either way the answer is checked here. A wrong one is
 * repaired once, unless a part of it has been shown.
 */
@Injectable()
export class StructuredOutput {
  /** Digests of models and schemas that the API has refused together lately. */
  private readonly refused = new LRUCache<string, true>({ max: MAX_REFUSED });

  constructor(private readonly checker: SchemaChecker) {}

  /**
   * Emits once answers can be checked against the format, cold. Fails with a GatewayError: of status 400 for a schema that
   * cannot be used, otherwise as `SchemaChecker.prepare` does where it waits in vain.
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
      // The client's answer began with the first try, and what is thought here is about mending it.
      filter(({ type }) => !OF_FIRST_TRY.has(type)),
      concatMap((event) => answer.accept(event.type === 'finish' ? addFinish(first, event) : event)),
    );
    return concat(events, defer(conclude));
  });
}

/** Events that a second try does not repeat: where its text has blocks of its own, they are dropped with those of the first. */
const OF_FIRST_TRY: ReadonlySet<TurnEvent['type']> = new Set(['start', 'reasoning-delta', 'block-start', 'block-end']);

/** Subscribes once the process of what ended just now is free again, so that it can be the one that goes on. */
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
