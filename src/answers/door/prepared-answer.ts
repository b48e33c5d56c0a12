import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerTotals } from '../../turns/answer-totals.ts';
import type { AskedTurn } from '../asked-turn.ts';

/** A request that a door has understood, and how the door writes its answer. */
export interface PreparedAnswer {
  readonly asked: AskedTurn;
  /** Fields without effect, in words for a header. */
  readonly ignored: readonly string[];
  /** A failure of the answer in the client's terms; without it as it is. */
  toClientError?(error: unknown): unknown;
  /** For an answer that is streamed. */
  encoder(): AnswerEncoder;
  /** For an answer that is sent whole. */
  collector(): AnswerCollector;
}

/** A server-sent event. */
export interface StreamEvent {
  /** Without line breaks. */
  readonly data: string;
  /** The type of the event, which some APIs give. */
  readonly name?: string;
}

/** Turns the events of an answer into those of a door's stream. */
export interface AnswerEncoder {
  /** What an event gives rise to, nothing for some. */
  encode(event: AnswerEvent): StreamEvent[];
  /** What comes after the last event of an answer that is complete. */
  end(): StreamEvent[];
  /** What ends a stream that has failed on the way. */
  fail(error: GatewayError, requestId: string): StreamEvent[];
}

/** Collects the events of an answer until they make a door's body. */
export interface AnswerCollector {
  readonly totals: AnswerTotals;
  accept(event: AnswerEvent): void;
  /** The body of the response, once the answer is complete. */
  readonly body: object;
}
