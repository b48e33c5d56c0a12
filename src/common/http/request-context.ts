import type { IncomingMessage } from 'node:http';
import { OPEN_POLICY, type KeyPolicy } from '../../config/key-policy.ts';
import type { ErrorFormat } from '../errors/error-format.ts';
import { openAiErrorFormat } from '../errors/openai-error-format.ts';
import { randomHex } from '../random-text.ts';

/** What is known of a request while it is served; also what its access line and the figures tell. Holds no content. */
export interface RequestContext {
  readonly requestId: string;
  readonly receivedAt: number;
  /** The name of the API key, or `anonymous`. */
  tenant: string;
  /** What its key may do. */
  policy: KeyPolicy;
  /** How the client is told of errors: as the API of its path does. */
  errorFormat: ErrorFormat;
  /** An error code; undefined while nothing went wrong. */
  outcome?: string;
  /** Why the connection was cut before the answer was complete; undefined when the client left by itself. */
  cut?: string;
  /** Which bytes its body is; only where it matters whether they come again. */
  body?: BodyIdentity;
  /** Set for a request that had an answer of a model. */
  answer?: AnswerRecord;
  /** Why the model provider failed or refused the request. */
  upstreamFailure?: Readonly<Record<string, unknown>>;
}

/** The bytes of a body, known again. */
export interface BodyIdentity {
  /** Equal for equal bytes only. */
  readonly digest: string;
  readonly bytes: number;
  /** How many values its JSON holds, about. */
  readonly values: number;
}

/** What was spent on an answer; nothing where it was given before, which `tier` then tells. */
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

/** The context of a request; made, with the client's own request id where it is acceptable, when first asked for. */
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
