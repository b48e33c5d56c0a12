import { proof, type Proof, type Requirement, type Section, type Verdict } from './requirement.ts';

const CACHE = 'test/e2e/cache.spec.ts';
const LIMITS = 'src/app.limits.spec.ts';
const BOUNDS = 'src/app.bounds.spec.ts';
const BROWSER = 'src/app.browser.spec.ts';

function row(id: string, name: string, how: string, source: string, proofs: Proof[], verdict: Verdict = 'supported'): Requirement {
  return { id: `service.${id}`, name, verdict, how, source, proofs };
} // prettier-ignore

export const SERVICE: Section = {
  title: 'Cache, keys, limits and browsers',
  introduction: 'Bounds of a request and the error of each: [operations.md](operations.md#bounds).',
  requirements: [
    row('cache', 'a repeated request, with `cache.enabled`', '`x-cache: hit`: an id of its own, the usage of the first time, no cost; `miss` otherwise', 'own off by default', [proof(CACHE, 'a hit is a whole stream or a whole answer, says so, and is not counted as spent', 'another temperature, model, tool or key is another request', 'an error, a refusal and an answer that was cut off are never served again')]),
    row('cache.shared', 'equal requests at the same moment', '`x-cache: shared`: one request of the model', 'own off by default', [proof(CACHE, 'a hundred equal streams at once make one request upstream, and each gets the whole answer with an id of its own')]),
    row('cache.control', '`Cache-Control: no-cache`, `no-store`', '`x-cache: bypass`', 'guide RFC 9111', [proof(CACHE, 'no-cache asks the model and leaves its answer to others, no-store leaves nothing')]),
    row('cache.seed', '`seed` and calls of tools, with the cache', 'another seed is another request; calls that are given again have ids of their own', 'own', [proof('src/chat/cache-stage.spec.ts', 'what changes the answer is another request', 'a repeated loop of calls is given again as a whole, each time with other ids')]),
    row('keys', 'a missing or wrong key', '401 `missing_api_key`, `invalid_api_key`', 'guide error codes', [proof('src/keys/keys.spec.ts', 'ten thousand wrong keys do not get in')], 'refused'),
    row('keys.models', 'a model that the key may not use', '403 `model_not_found`; it is not in `GET /v1/models`', 'guide error codes', [proof(LIMITS, 'a key uses the models that it may, by any of their names, and no others', 'a key is told of the models that it may use')], 'refused'),
    row('limits.requests', 'more requests a minute than the key or the service has', '429 `rate_limit_exceeded` of type `requests`, `Retry-After`; `x-ratelimit-*-requests` on every answer', 'guide rate limits', [proof(LIMITS, 'a key has so many requests a minute; every answer tells how many are left, and one more is a 429', '${setting} is a ceiling for all keys together')], 'refused'),
    row('limits.tokens', 'more tokens a minute', '429 of type `tokens`; `x-ratelimit-*-tokens`', 'guide rate limits', [proof(LIMITS, 'a key has so many tokens a minute, which are known once an answer has ended')], 'refused'),
    row('limits.simultaneous', 'more answers at once', '429, `Retry-After: 1`', 'own', [proof(LIMITS, 'a key has so many requests at once, waiting or running; one that ends or is left makes room')], 'refused'),
    row('limits.cost', 'more money a day', '429 `insufficient_quota`', 'guide error codes', [proof(LIMITS, 'a key has so much money a day; then it is out of quota until the next')], 'refused'),
    row('bounds.body', 'bodies that are too large, packed or not, too deep, or in another encoding', '413 `request_too_large`, 400, 415 `unsupported_encoding`', 'own bounds of this service', [proof(BOUNDS, 'a body in chunks that is too large is a 413', 'a body ${what} is refused before it is parsed', 'one message more than are taken is a 400 that says how many are')], 'refused'),
    row('bounds.http', 'headers that are too large, HTTP that is none, senders that are too slow, more streams than may be open', '431 `headers_too_large`, 400, 408 `request_timeout`, 503', 'own bounds of this service', [proof(BOUNDS, 'headers and URLs that are too large are a 431', 'a chunk that is none ends the request with a 400', 'a body that never ends is a 408, told as the outcome of its request', 'a stream more than may be open is a 503 that says when to come again')], 'refused'),
    row('browsers', 'a page of another origin, a foreign `Host`', '403 `origin_not_allowed`, `host_not_allowed`; `[cors]` lets chosen origins in', 'own a page must not use a service of this machine', [proof(BROWSER, 'a page of ${origin} can neither ask, nor have its question looked at', 'a name that was bound to this address is refused before the key is looked at', 'its page can read answers, streams and errors, and their headers')], 'refused'),
    row('rate-limit-memory', 'a rate limit of the provider', 'is remembered for its model: until its time has passed requests are refused at once', 'own nobody runs into a wall twice', [proof('test/e2e/upstream.spec.ts', 'a rate limit is remembered for its model until its time has passed; other models do not notice')]),
    row('process-retry', 'a CLI process that dies before the first token', 'the turn is begun again once on another one', 'own nothing was streamed, and the failure is the process\'s', [proof('test/e2e/faults.spec.ts', 'a CLI that is killed before the first token is replaced by another one, and the client sees nothing of it')]),
    row('cost', '`x-claude-code-cost-usd`, `usage.cost_usd` in the last chunk', "what the answer cost, by the CLI's own reckoning: the header on whole answers, the field where `include_usage` is asked for", 'own', [proof('test/e2e/upstream.spec.ts', 'the figures and the headers of answers add up, and the service spends nothing for itself')]),
  ],
}; // prettier-ignore
