import { messageEvents, streamedBlocks } from '../support/message-stream.ts';
import { assertWholeStream, responseEvents } from '../support/response-events.ts';
import { assertMatchesSchema } from '../support/openai-schema.ts';

/**
 * A `fetch` for a client library: it notes what the library sends and holds every answer to OpenAI's description, every stream of messages to
 * Anthropic's order of events.
 */
export class ClientProbe {
  /** What the answers named as having no effect. */
  readonly ignored = new Set<string>();
  /** The bodies of the requests, in their order. */
  readonly sent: Record<string, unknown>[] = [];
  readonly statuses: number[] = [];
  private readonly answers: Promise<void>[] = [];

  readonly fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (typeof init?.body === 'string') this.sent.push(JSON.parse(init.body) as Record<string, unknown>);
    this.statuses.push(response.status);
    for (const name of response.headers.get('x-claude-code-ignored')?.split(', ') ?? []) this.ignored.add(name);
    const check = response
      .clone()
      .text()
      .then((raw) => checkAnswer(response, raw), ignoreAbort);
    // A check that fails is told by `finish`.
    check.catch(() => {});
    this.answers.push(check);
    return response;
  };

  /** Fails for the first answer that is not what OpenAI describes, and forgets what was noted. */
  async finish(): Promise<void> {
    await Promise.all(this.answers.splice(0));
    this.ignored.clear();
    this.sent.length = 0;
    this.statuses.length = 0;
  }
}

/** A library that leaves an answer has seen enough of it. */
function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}

function checkAnswer({ ok, headers }: Response, raw: string): void {
  if (!ok) {
    assertMatchesSchema('ErrorResponse', JSON.parse(raw));
  } else if (headers.get('content-type')?.startsWith('text/event-stream')) {
    if (raw.startsWith('event: response.')) {
      assertWholeStream(responseEvents(raw));
      return;
    }
    if (raw.startsWith('event: ')) {
      streamedBlocks(messageEvents(raw));
      return;
    }
    const events = raw.split('\n\n').filter((event) => event.startsWith('data: {'));
    for (const event of events) {
      const chunk = JSON.parse(event.slice('data: '.length)) as object;
      assertMatchesSchema('error' in chunk ? 'ErrorResponse' : 'CreateChatCompletionStreamResponse', chunk);
    }
  } else {
    const answer = JSON.parse(raw) as { object?: string };
    if (answer.object === 'chat.completion') assertMatchesSchema('CreateChatCompletionResponse', answer);
  }
}
