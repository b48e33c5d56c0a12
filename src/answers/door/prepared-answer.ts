import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerTotals } from '../../turns/answer-totals.ts';
import type { AskedTurn } from '../asked-turn.ts';

/** A parsed request with the door's formats for its answer. */
export interface PreparedAnswer {
  readonly asked: AskedTurn;
  /** Fields without effect, in the form for a header. */
  readonly ignored: readonly string[];
  /** Maps a failure of the answer to the client's terms; by default returned unchanged. */
  toClientError?(error: unknown): unknown;
  /** For a streamed answer. */
  encoder(): AnswerEncoder;
  /** For a whole answer. */
  collector(): AnswerCollector;
}

/** A server-sent event. */
export interface StreamEvent {
  /** Without line breaks. */
  readonly data: string;
  /** The type of the event, which some APIs require. */
  readonly name?: string;
}

/** Maps the events of an answer to those of a door's stream. */
export interface AnswerEncoder {
  /** The stream events for an event, possibly none. */
  encode(event: AnswerEvent): StreamEvent[];
  /** The stream events after the last event of a complete answer. */
  end(): StreamEvent[];
  /** The stream events that end a failed stream. */
  fail(error: GatewayError, requestId: string): StreamEvent[];
}

/** Collects the events of an answer into a door's body. */
export interface AnswerCollector {
  readonly totals: AnswerTotals;
  accept(event: AnswerEvent): void;
  /** The body of the response, once the answer is complete. */
  readonly body: object;
}
