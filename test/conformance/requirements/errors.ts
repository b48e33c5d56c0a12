import { proof, type Proof, type Requirement, type Section } from './requirement.ts';

const SETUP = 'src/app.setup.spec.ts';
const DTO = 'src/chat/dto/chat-completion-request.spec.ts';
const MAPPED = proof('src/chat/to-gateway-error.spec.ts', '${error.name}${detail} is ${status} ${code}');
const FAULTS = 'test/e2e/faults.spec.ts';
const FUZZ = proof(
  'test/conformance/http-fuzz.spec.ts',
  '6,000 generated bodies over HTTP are answered or refused with a 400 whose param names a place in them',
);

function upstream(what: string, status: string, code: string): Proof {
  return proof(FAULTS, `${what} upstream is told as ${status} ${code}, streamed or not, and the next request succeeds`);
}

/** A row of the table of errors: the answer, and what leads to it. */
function row(id: string, answer: string, how: string, ...proofs: Proof[]): Requirement {
  return { id: `error.${id}`, name: answer, verdict: 'supported', how, source: 'schema ErrorResponse', proofs };
}

export const ERRORS: Section = {
  title: 'Errors',
  introduction: `\`{"error": {"message", "type", "param", "code"}}\`, all four keys always. Before the first piece of an answer a failure is an
HTTP error; after it one \`data: {"error": ...}\` event ends the stream, without \`[DONE]\`.`,
  requirements: [
    row(
      'invalid-body',
      '400 `invalid_json`, `missing_required_parameter`, `invalid_type`, `invalid_value`, ...',
      'a body that is not JSON, a field that is missing or wrong; `param` is its path',
      proof(SETUP, 'the body ${body} is a 400 that says so'),
      proof(DTO, 'refused: ${message}', 'what is nested without end is refused wherever it stands'),
      FUZZ,
    ),
    row(
      'invalid-function-parameters',
      '400 `invalid_function_parameters`',
      'parameters of a function that the model cannot be given',
      proof('src/chat/map-tools.spec.ts', 'a schema with ${what} is refused and its place is named'),
    ),
    row(
      'unsupported-parameter',
      '400 `unsupported_parameter`',
      'a field that is refused, or one without effect under `claude.strict_parameters`',
      proof(
        'src/chat/to-turn.spec.ts',
        '${field} changes the answer and is refused',
        '${field} has no effect and is named, or refused where that is wanted',
      ),
    ),
    row(
      'context-length-exceeded',
      '400 `context_length_exceeded`',
      "longer than the model's context; the CLI never summarises",
      upstream('a prompt that is too long', '400', 'context_length_exceeded'),
      proof('test/contract/turn.spec.ts', 'a history that is too long is never summarised behind the client’s back'),
    ),
    row(
      'upstream-invalid-request',
      '400 `upstream_invalid_request`',
      'what the Messages API refuses',
      upstream('400', '400', 'upstream_invalid_request'),
    ),
    row(
      'authentication',
      '401 `missing_api_key`, `invalid_api_key`',
      'no key, a wrong key',
      proof(SETUP, '${what} is a 401 everywhere but for health checks'),
      proof('test/conformance/openai-errors.spec.ts', 'a wrong key is an AuthenticationError'),
    ),
    row(
      'host',
      '403 `host_not_allowed`, `origin_not_allowed`',
      'a foreign Host or Origin on a service without keys',
      proof(
        SETUP,
        'the host "${host}", which could be a name that was bound to this address, is a 403',
        'a web page of ${origin} is refused, and told of no permission',
      ),
    ),
    row(
      'not-found',
      '404 `model_not_found`, `unknown_url`',
      'an unknown model, an unknown path',
      proof(SETUP, 'a path that is not there is a 404 that names it, without its query'),
      proof('test/conformance/openai-errors.spec.ts', 'an unknown model is a NotFoundError'),
    ),
    row(
      'method',
      '405 `method_not_supported`, with `Allow`',
      'another method',
      proof(SETUP, 'another method than a path has is a 405 that tells which it has'),
    ),
    row(
      'too-large',
      '413 `request_too_large`',
      'a body that is too large',
      proof(SETUP, 'a body that is too large is a 413', 'a small body that unpacks to one that is too large is a 413'),
    ),
    row(
      'content-type',
      '415 `unsupported_content_type`',
      'a body that is not `application/json`',
      proof(SETUP, 'a body of ${type} is a 415, which no form of a web page gets past'),
    ),
    row(
      'queue-full',
      '429 `queue_full`, with `Retry-After`',
      'the waiting line is full',
      proof(
        'test/e2e/pool.spec.ts',
        'beyond the waiting line a request is refused with 429 and Retry-After at once, and one that waits too long with 503',
      ),
    ),
    row(
      'rate-limit',
      '429 `rate_limit_exceeded`, with `Retry-After`',
      'the rate limit upstream, at once instead of after silent retries',
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
      'cli-not-found',
      '500 `cli_not_found`',
      'the CLI cannot be started',
      MAPPED,
      proof(
        'test/e2e/start.spec.ts',
        'a CLI that is missing or too old is told by readiness and answered with an error',
      ),
    ),
    row(
      'upstream-authentication',
      '502 `upstream_authentication_failed`',
      "refused credentials upstream; never a 401, since the client's key is fine",
      proof(
        'test/e2e/upstream.spec.ts',
        'refused credentials turn readiness off, are found out about without a request of a model, and turn it on again',
      ),
      proof('src/chat/to-gateway-error.spec.ts', 'no failure upstream is a 401, since the key of the client is fine'),
    ),
    row(
      'upstream',
      '502 `upstream_error`, `upstream_connection_failed`, `stream_interrupted`',
      'other failures upstream',
      upstream('500', '502', 'upstream_error'),
      upstream('a connection that is cut', '502', 'upstream_connection_failed'),
      proof(FAULTS, 'an answer whose second attempt says something else ends with an error frame and without [DONE]'),
      proof(
        'test/conformance/openai-errors.spec.ts',
        'a failure upstream is an InternalServerError, and the client tries again',
      ),
    ),
    row(
      'cli-failed',
      '502 `cli_failed`',
      'the CLI failed',
      proof(
        FAULTS,
        'a second CLI that is killed before the first token is a 502',
        'a CLI that is killed in mid-stream is told in the stream within a second',
      ),
    ),
    row(
      'overloaded',
      '503 `upstream_overloaded`, with `Retry-After`',
      'overloaded upstream',
      upstream('529', '503', 'upstream_overloaded'),
    ),
    row(
      'unavailable',
      '503 `credentials_missing`, `starting`, `draining`, `queue_timeout`, with `Retry-After`',
      'no credentials, starting, stopping, no process in time',
      MAPPED,
      proof(
        'src/chat/chat.controller.spec.ts',
        'while the models are not known, their names are not refused but said to be not known yet',
      ),
      proof(SETUP, 'the API refuses, says when to come again, and leaves the connection'),
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
      'a failure after the first piece; the client library throws it',
      proof('src/chat/chat.controller.spec.ts', 'a failure in mid-stream is the last event, without [DONE]'),
      proof('test/conformance/openai-stream.spec.ts', 'a failure in mid-stream is thrown, with its code'),
    ),
  ],
};
