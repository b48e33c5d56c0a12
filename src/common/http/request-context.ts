import type { IncomingMessage } from 'node:http';
import { OPEN_POLICY, type KeyPolicy } from '../../config/key-policy.ts';
import type { ErrorFormat } from '../errors/error-format.ts';
import { openAiErrorFormat } from '../errors/openai-error-format.ts';
import { randomHex } from '../random-text.ts';

/** The data of a request while it is served, also for its log line and the figures. Holds no content. */
export interface RequestContext {
  readonly requestId: string;
  readonly receivedAt: number;
  /** The name of the API key, or `anonymous`. */
  tenant: string;
  /** The policy of its key. */
  policy: KeyPolicy;
  /** The error format of the API of its path. */
  errorFormat: ErrorFormat;
  /** An error code; undefined without an error. */
  outcome?: string;
  /** Why the service closed the connection before the response was complete; undefined if the client disconnected. */
  cut?: string;
  /** The identity of its body, if repetitions matter. */
  body?: BodyIdentity;
  /** Set if the request got an answer of a model. */
  answer?: AnswerRecord;
  /** Why the model provider failed or refused the request. */
  upstreamFailure?: Readonly<Record<string, unknown>>;
}

/** Identifies the bytes of a body. */
export interface BodyIdentity {
  /** Equal for equal bytes only. */
  readonly digest: string;
  readonly bytes: number;
  /** The approximate number of values in its JSON. */
  readonly values: number;
}

/** The usage of an answer; zero if it was repeated, as `tier` says. */
export interface AnswerRecord {
  readonly model: string;
  readonly finishReason: string;
  readonly tier: string | undefined;
  readonly queueMs: number;
  readonly firstTokenMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  readonly costUsd: number | undefined;
}

const CONTEXT = Symbol('context');

interface KnownRequest extends IncomingMessage {
  [CONTEXT]?: RequestContext;
}

const ACCEPTED_ID = /^[\w.:-]{1,128}$/;

/** The context of a request, created on first use. Takes over the client's request id if it is acceptable. */
export function requestContext(request: IncomingMessage): RequestContext {
  return ((request as KnownRequest)[CONTEXT] ??= newContext(request));
}

function newContext(request: IncomingMessage): RequestContext {
  const given = request.headers['x-request-id'];
  const isAccepted = typeof given === 'string' && ACCEPTED_ID.test(given);
  const requestId = isAccepted ? given : `req_${randomHex(16)}`;
  return {
    requestId,
    receivedAt: performance.now(),
    tenant: 'anonymous',
    policy: OPEN_POLICY,
    errorFormat: openAiErrorFormat,
  };
}
