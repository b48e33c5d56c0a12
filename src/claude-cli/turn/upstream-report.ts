import { knownPlace, knownWords } from '../transport/known-words.ts';

/** The CLI's details of a failed request besides the API's message. */
export interface UpstreamSource {
  /** `error.type` in the response of the API. */
  readonly errorType?: string | undefined;
  /** The CLI's name for the kind of failure, as in `connection_failed`. */
  readonly reason?: string | undefined;
  /** Why the CLI ended the turn. */
  readonly terminalReason?: string | undefined;
  /** The API's id of the request. */
  readonly requestId?: string | undefined;
}

/** The failure of a request to the Messages API for the log, without any text of a client. */
export interface UpstreamReport extends UpstreamSource {
  readonly status?: number;
  /** The field of the request to the Messages API. */
  readonly place?: string;
  readonly words?: string;
}

/** Any other value could be text of a client. */
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

/** The value may have any type at runtime. */
function isMatch(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}
