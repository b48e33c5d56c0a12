import type { AnswerCollector, AnswerEncoder, StreamEvent } from '../../answers/door/prepared-answer.ts';
import type { GatewayError } from '../../common/errors/gateway-error.ts';
import type { AnswerEvent } from '../../turns/answer-event.ts';
import type { AnswerTotals } from '../../turns/answer-totals.ts';
import type { ResponseEvent } from './open-item.ts';
import type { ResponseBuilder } from './response-builder.ts';
import type { ResponseObject } from './response-object.ts';

/** Writes the events of a response, numbered from 0. OpenAI ends the stream without `[DONE]`. */
export class ResponseEncoder implements AnswerEncoder {
  private sequenceNumber = 0;

  constructor(private readonly builder: ResponseBuilder) {}

  encode(event: AnswerEvent): StreamEvent[] {
    return this.builder.accept(event).map((made) => this.write(made));
  }

  end(): StreamEvent[] {
    return [];
  }

  fail(error: GatewayError): StreamEvent[] {
    return this.builder.fail(error).map((made) => this.write(made));
  }

  private write({ type, ...fields }: ResponseEvent): StreamEvent {
    const data = JSON.stringify({ type, sequence_number: this.sequenceNumber, ...fields });
    this.sequenceNumber += 1;
    return { name: type, data };
  }
}

/** Collects the events of an answer until they make one response. */
export class ResponseCollector implements AnswerCollector {
  constructor(private readonly builder: ResponseBuilder) {}

  get totals(): AnswerTotals {
    return this.builder.totals;
  }

  accept(event: AnswerEvent): void {
    this.builder.accept(event);
  }

  get body(): ResponseObject {
    return this.builder.response;
  }
}
