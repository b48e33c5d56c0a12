import { errorRow as row } from './error-row.ts';
import { REQUEST_ERRORS } from './request-errors.ts';
import { proof, type Proof, type Requirement, type Section } from './requirement.ts';

const SETUP = 'test/module/middlewares.spec.ts';
const MAPPED = proof('src/answers/to-gateway-error.spec.ts', '${error.name}${detail} is ${status} ${code}');
const FAULTS = 'test/e2e/faults.spec.ts';

function upstream(what: string, status: string, code: string): Proof {
  return proof(FAULTS, `${what} upstream is told as ${status} ${code}, streamed or not, and the next request succeeds`);
}

/** The errors that the provider, the CLI or this service causes. */
const SERVICE_ERRORS: readonly Requirement[] = [
  row(
    'context-length-exceeded',
    '400 `context_length_exceeded`',
    "the prompt is longer than the model's context; the CLI never summarises it",
    upstream('a prompt that is too long', '400', 'context_length_exceeded'),
    proof('test/contract/turn.spec.ts', 'a history that is too long is never summarised behind the client’s back'),
  ),
  row(
    'upstream-invalid-request',
    '400 `upstream_invalid_request`',
    'the Messages API refuses the request',
    upstream('400', '400', 'upstream_invalid_request'),
  ),
  row(
    'queue-full',
    '429 `queue_full`, with `Retry-After`',
    'the queue for CLI processes is full',
    proof(
      'test/e2e/pool.spec.ts',
      'beyond the waiting line a request is refused with 429 and Retry-After at once, and one that waits too long with 503',
    ),
  ),
  row(
    'rate-limit',
    '429 `rate_limit_exceeded`, with `Retry-After`',
    'the rate limit of the model provider is reached; the error comes at once, without silent retries',
    proof(
      'test/e2e/upstream.spec.ts',
      'a rate limit is remembered for its model until its time has passed; other models do not notice',
    ),
    proof(FAULTS, 'Retry-After of the API is passed on'),
    proof(
      'test/conformance/openai-errors.spec.ts',
      'the rate limit upstream is a RateLimitError, and the client tries again',
    ),
  ),
  row(
    'upstream-model',
    '404 `model_not_found`',
    'the provider does not have the model, or not for this service',
    upstream('404', '404', 'model_not_found'),
  ),
  row(
    'cli-not-found',
    '500 `cli_not_found`',
    'the CLI is not installed',
    MAPPED,
    proof('test/e2e/start.spec.ts', 'a CLI that is missing or too old is told by readiness and answered with an error'),
  ),
  row(
    'internal',
    '500 `internal_error`',
    'unexpected failure; the message contains the request id, but not the cause',
    proof('src/common/errors/to-error-answer.spec.ts', '${what} is answered with ${status}'),
    proof(
      'test/module/chat.spec.ts',
      'a failure that nobody expected says nothing of its cause, ${form}',
      'an answer that cannot be written ${what} is a 500 for its request alone',
    ),
  ),
  row(
    'upstream-authentication',
    '502 `upstream_authentication_failed`',
    "the provider refuses the credentials of this service; never a 401, because the client's key is valid",
    proof(
      'test/e2e/upstream.spec.ts',
      'refused credentials turn readiness off, are found out about without a request of a model, and turn it on again',
    ),
    proof('src/answers/to-gateway-error.spec.ts', 'no failure upstream is a 401, since the key of the client is fine'),
  ),
  row(
    'upstream-permission',
    '502 `upstream_permission_denied`',
    'the provider does not allow this service to use the model',
    upstream('403', '502', 'upstream_permission_denied'),
    proof('test/e2e/upstream.spec.ts', 'a model that the key may not use leaves the service as it is'),
  ),
  row(
    'structured-output-failed',
    '502 `structured_output_failed`',
    'the response does not follow `response_format`, and its repair failed',
    proof('test/e2e/structured-output.spec.ts', '${what}, twice: 502 that says what is wrong'),
  ),
  row(
    'upstream',
    '502 `upstream_error`, `upstream_connection_failed`, `stream_interrupted`',
    'other failures of the provider or of the connection to it; the response broke off',
    upstream('500', '502', 'upstream_error'),
    upstream('garbage', '502', 'upstream_connection_failed'),
    upstream('an answer that breaks off at once', '502', 'stream_interrupted'),
    proof(
      FAULTS,
      'a whole answer that breaks off upstream (${kind}) is asked for again, and nothing of the first try is left',
      'a stream that breaks off upstream (${kind}) ends with the reason, after one request',
      'an answer that breaks off time and again fails after as many requests as the setting allows',
    ),
    proof(
      'test/conformance/openai-errors.spec.ts',
      'a failure upstream is an InternalServerError, and the client tries again',
    ),
  ),
  row(
    'cli-failed',
    '502 `cli_failed`',
    'the CLI process failed',
    proof(
      FAULTS,
      'a second CLI that is killed before the first token is a 502',
      'a CLI that is killed in mid-stream is told in the stream within a second',
    ),
  ),
  row(
    'overloaded',
    '503 `upstream_overloaded`, with `Retry-After`',
    'the provider is overloaded',
    upstream('529', '503', 'upstream_overloaded'),
  ),
  row(
    'unavailable',
    '503 `credentials_missing`, `starting`, `draining`, `queue_timeout`, with `Retry-After`',
    'the CLI has no credentials; the service starts; the service stops; no process was free in time',
    MAPPED,
    proof(
      'test/module/chat.spec.ts',
      'while the models are not known, their names are not refused but said to be not known yet',
    ),
    proof(SETUP, 'the API refuses, says when to come again, and leaves the connection'),
  ),
  row(
    'cli-unusable',
    '503 `cli_version`, `cli_changed`, `cli_start_failed`, `unavailable`, ..., with `Retry-After`',
    'the installed CLI failed the checks before readiness, or does not start',
    MAPPED,
    proof('src/models/model-resolver.spec.ts', 'when the CLI cannot tell its models, what stands in the way is said'),
  ),
  row(
    'too-many-streams',
    '503 `too_many_streams`, with `Retry-After`',
    'the limit of concurrent streams is reached',
    proof('test/module/bounds.spec.ts', 'a stream more than may be open is a 503 that says when to come again'),
  ),
  row(
    'conversations',
    '503 `conversation_timeout`, `storage_unavailable`, with `Retry-After`',
    'the conversation was busy for too long; the storage fails',
    proof('src/conversations/conversation-line.spec.ts', 'who waits too long is told so'),
    proof('test/e2e/conversation-storage.spec.ts', 'a damaged file stops nothing but what needs it'),
  ),
  row(
    'timeout',
    '504 `timeout`',
    'the turn took longer than `claude.timeout_seconds`',
    upstream('a hang', '504', 'timeout'),
  ),
  row(
    'in-stream',
    'an event `{"error": ...}`',
    'a failure after the first chunk; client libraries throw it',
    proof('test/module/chat.spec.ts', 'a failure in mid-stream is the last event, without [DONE]'),
    proof('test/conformance/openai-stream.spec.ts', 'a failure in mid-stream is thrown, with its code'),
  ),
];

/** The status that the name of a row begins with. */
function status({ name }: Requirement): number {
  return Number(/^\d+/.exec(name)?.[0] ?? Infinity);
}

export const ERRORS: Section = {
  title: 'Errors',
  introduction: `\`{"error": {"message", "type", "param", "code"}}\`, always with all four keys. Before the first chunk of a response a failure is an
HTTP error; after it, one \`data: {"error": ...}\` event ends the stream, without \`[DONE]\`.`,
  requirements: [...REQUEST_ERRORS, ...SERVICE_ERRORS].toSorted((left, right) => status(left) - status(right)),
};
