import { randomUUID } from 'node:crypto';
import { CliProtocolError, CliTimeoutError } from '../errors.ts';
import type { ControlCancelLine, ControlRequestLine, ControlResponseLine } from './messages.ts';

export type ControlPayload = { readonly subtype: string; readonly [field: string]: unknown };
export type ControlAnswer = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly resolve: (answer: ControlAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly subtype: string;
}

/** Requests with words of a client, which the reason for a refusal might repeat. */
const CONFIDENTIAL = new Set(['initialize', 'apply_flag_settings']);
const DEFAULT_DEADLINE_MS = 15_000;

/** Control requests in both directions, matched by id. Every request to the CLI has a deadline. */
export class ControlChannel {
  private readonly waiting = new Map<string, Waiting>();
  /** Unanswered requests of the CLI, by id. */
  private readonly answering = new Map<string, AbortController>();
  private closedBy: Error | undefined;

  constructor(
    private readonly send: (message: object) => void,
    /**
     * Answers a request of the CLI. For undefined and for a rejection the CLI gets an error. The signal is aborted when the
     * CLI cancels its request; the answer is then not sent.
     */
    private readonly answer: (
      request: ControlRequestLine['request'],
      signal: AbortSignal,
    ) => Promise<ControlAnswer | undefined>,
  ) {}

  /**
   * Sends a request at once and resolves with its answer. Rejects with CliProtocolError if the CLI refuses it, with
   * CliTimeoutError after the deadline, or with the error of `close`.
   */
  request(payload: ControlPayload, deadlineMs = DEFAULT_DEADLINE_MS): Promise<ControlAnswer> {
    if (this.closedBy) return Promise.reject(this.closedBy);
    const requestId = randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(requestId);
        reject(new CliTimeoutError(payload.subtype, deadlineMs));
      }, deadlineMs);
      this.waiting.set(requestId, { resolve, reject, timer, subtype: payload.subtype });
      this.send({ type: 'control_request', request_id: requestId, request: payload });
    });
  }

  /** Handles an answer of the CLI; drops one that is no longer pending. */
  acceptResponse({ response }: ControlResponseLine): void {
    const waiting = this.waiting.get(response.request_id);
    if (!waiting) return;
    this.waiting.delete(response.request_id);
    clearTimeout(waiting.timer);
    if (response.subtype === 'success') waiting.resolve(response.response ?? {});
    else {
      const reason = CONFIDENTIAL.has(waiting.subtype) ? undefined : response.error;
      waiting.reject(new CliProtocolError(`the CLI refused ${waiting.subtype}: ${reason ?? 'no reason given'}`));
    }
  }

  /** Answers a request of the CLI, unless it is cancelled first. */
  async acceptRequest(line: ControlRequestLine): Promise<void> {
    const cancellation = new AbortController();
    const { signal } = cancellation;
    const respond = (response: object): void => {
      if (signal.aborted) return;
      this.send({ type: 'control_response', response: { request_id: line.request_id, ...response } });
    };
    this.answering.set(line.request_id, cancellation);
    try {
      const answer = await this.answer(line.request, signal);
      if (answer) respond({ subtype: 'success', response: answer });
      else respond({ subtype: 'error', error: `not supported: ${line.request.subtype}` });
    } catch (error) {
      respond({ subtype: 'error', error: error instanceof Error ? error.message : String(error) });
    } finally {
      this.answering.delete(line.request_id);
    }
  }

  /** The CLI cancels a request, for example of an interrupted turn. */
  acceptCancel({ request_id: requestId }: ControlCancelLine): void {
    this.answering.get(requestId)?.abort();
  }

  /** Fails all pending requests and every later one. */
  close(error: Error): void {
    this.closedBy ??= error;
    for (const cancellation of this.answering.values()) cancellation.abort();
    for (const waiting of this.waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(error);
    }
    this.waiting.clear();
  }
}
