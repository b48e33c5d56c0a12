import { lookup } from 'node:dns/promises';
import { Agent, request, type Dispatcher } from 'undici';
import { checkUrl, notPublic, type CheckedUrl, type UrlRules } from './check-url.ts';
import { AddressNotAllowedError, guardedLookup, type ResolveName } from './guarded-lookup.ts';
import { MediaError, tooLarge } from './media-error.ts';
import { SNIFFED_BYTES } from './sniff-media-type.ts';

export interface UrlFetcherOptions extends UrlRules {
  /** For a whole fetch, including redirects. */
  readonly timeoutMs: number;
  readonly resolveName?: ResolveName;
}

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Fetches URLs of clients, from the public internet only. */
export class UrlFetcher {
  private readonly guarded: Agent;
  private readonly trusted: Agent;

  constructor(private readonly options: UrlFetcherOptions) {
    const { timeoutMs: timeout, resolveName = resolveAll } = options;
    // Not the agent of the environment: behind a proxy the addresses could not be checked.
    this.guarded = new Agent({ connect: { timeout, lookup: guardedLookup(resolveName) } });
    this.trusted = new Agent({ connect: { timeout } });
  }

  /**
   * The body of a URL. Rejects with a MediaError, or with the reason of an aborted signal.
   *
   * @param checkHead throws for unwanted first bytes, before the rest is fetched
   */
  async fetch(text: string, maxBytes: number, checkHead: (head: Buffer) => void, signal: AbortSignal): Promise<Buffer> {
    const deadline = AbortSignal.timeout(this.options.timeoutMs);
    const either = AbortSignal.any([signal, deadline]);
    try {
      let target = checkUrl(text, this.options);
      for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
        const response = await this.get(target, either);
        if (!REDIRECTS.has(response.statusCode)) return await readBody(response, maxBytes, checkHead);
        discard(response);
        target = checkUrl(locationOf(response), this.options, target.url);
      }
      throw notFetched('it redirects too often');
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw deadline.aborted ? notFetched('the server takes too long', error) : toMediaError(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.guarded.destroy(), this.trusted.destroy()]);
  }

  private get({ url, isTrusted }: CheckedUrl, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return request(url, {
      dispatcher: isTrusted ? this.trusted : this.guarded,
      signal,
      headers: {
        accept: 'image/png,image/jpeg,image/gif,image/webp,application/pdf;q=0.9,*/*;q=0.1',
        // Compression could hide the real size.
        'accept-encoding': 'identity',
        'user-agent': 'claude-code-api',
      },
    });
  }
}

async function readBody(
  response: Dispatcher.ResponseData,
  maxBytes: number,
  checkHead: (head: Buffer) => void,
): Promise<Buffer> {
  const { statusCode, headers, body } = response;
  try {
    if (statusCode !== 200) throw notFetched(`the server answers with status ${statusCode}`);
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') throw notFetched('the server sends it compressed');
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Buffer[] = [];
    let length = 0;
    let isChecked = false;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      if (isChecked || length < SNIFFED_BYTES) continue;
      checkHead(chunks.length === 1 ? chunk : Buffer.concat(chunks));
      isChecked = true;
    }
    return Buffer.concat(chunks, length);
  } finally {
    discard(response);
  }
}

/** Closes the connection of an unread body, and ignores the error that the body emits for it. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}

function locationOf({ headers }: Dispatcher.ResponseData): string {
  const { location } = headers;
  if (typeof location !== 'string') throw notFetched('it redirects to nowhere');
  return location;
}

function toMediaError(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  const code = (error as { code?: unknown }).code;
  if (error instanceof AddressNotAllowedError || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return notPublic(error);
  return notFetched('the server cannot be reached', error);
}

function notFetched(message: string, cause?: unknown): MediaError {
  return new MediaError('url_not_fetched', message, { cause });
}

function resolveAll(hostname: string): ReturnType<ResolveName> {
  return lookup(hostname, { all: true });
}
