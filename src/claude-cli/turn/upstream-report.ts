import { knownPlace, knownWords } from '../transport/known-words.ts';

/** What the CLI says of a failed request beside the message of the API. */
export interface UpstreamSource {
  /** `error.type` in the answer of the API. */
  readonly errorType?: string | undefined;
  /** The CLI's name for the kind of failure, as in `connection_failed`. */
  readonly reason?: string | undefined;
  /** Why the CLI ended the turn. */
  readonly terminalReason?: string | undefined;
  /** The API's id of the request. */
  readonly requestId?: string | undefined;
}

/** Why a request to the Messages API failed, without any text of a client, for the log. */
export interface UpstreamReport extends UpstreamSource {
  readonly status?: number;
  /** The field of the request to the Messages API. */
  readonly place?: string;
  readonly words?: string;
}

/** Anything else could be text of a client. */
const NAME = /^[a-z0-9_]{1,64}$/;
const REQUEST_ID = /^req_[A-Za-z0-9]{1,64}$/;

/** @param message of the API, which may quote clients */
export function toUpstreamReport(status: number | undefined, message: string, source: UpstreamSource): UpstreamReport {
  const { errorType, reason, terminalReason, requestId } = source;
  const words = knownWords(message);
  const place = knownPlace(message);
  return {
    ...(status !== undefined && { status }),
    ...(isMatch(NAME, errorType) && { errorType }),
    ...(isMatch(NAME, reason) && { reason }),
    ...(isMatch(NAME, terminalReason) && { terminalReason }),
    ...(isMatch(REQUEST_ID, requestId) && { requestId }),
    ...(place !== undefined && { place }),
    ...(words !== undefined && { words }),
  };
}

/** The value need not be of the type that it should have. */
function isMatch(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}
