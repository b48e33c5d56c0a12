import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ContentBlockParam, MessageParam, TextBlockParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import { PACED, Pacer, type INSTANT, type Pace } from './pace.ts';
import { IS_WITHOUT_API_KEY, withoutNotes } from './without-notes.ts';

/** The fields of a Messages API request that tests look at. */
export interface MessagesRequestBody {
  model: string;
  max_tokens: number;
  messages: MessageParam[];
  system?: string | TextBlockParam[];
  tools?: Tool[];
  stream?: boolean;
  [field: string]: unknown;
}

/** One request as it reached the scripted API. */
export interface RecordedRequest {
  /** Position in the order of arrival, from 0. */
  index: number;
  path: string;
  headers: IncomingMessage['headers'];
  /** The exact bytes of the body. */
  raw: string;
  /** The body, in the mode without an API key without the CLI's notes. */
  body: MessagesRequestBody;
  receivedAt: number;
  /** `cancelled`: the caller closed the connection before the answer was complete. */
  outcome: 'open' | 'answered' | 'cancelled' | 'faulted';
}

/** A block of a scripted answer. */
export type ScriptedBlock = (
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature?: string }
  | {
      type: 'tool_use';
      name: string;
      input: unknown;
      id?: string;
      /** What is streamed as the arguments, instead of `input` as JSON. */
      json?: string;
    }
  | RawBlock
) & {
  /** Silence before the last delta of the block, with nothing but pings. */
  silenceMs?: number;
};

/** A block as it is sent, whatever it is. */
export interface RawBlock {
  type: 'raw';
  start: Record<string, unknown>;
  deltas?: Record<string, unknown>[];
  /** Default: its place among the blocks. */
  index?: unknown;
}

/** What the scripted API does with one request. */
export type ScriptedReply =
  | ScriptedMessage
  | ScriptedFailure
  | { kind: 'hang' }
  /** The connection is closed without a response. */
  | { kind: 'drop' }
  | { kind: 'raw'; body: string };

export interface ScriptedMessage {
  kind: 'message';
  content: ScriptedBlock[];
  stopReason?: string;
  stopSequence?: string;
  usage?: Partial<ScriptedUsage>;
  /** Characters of text or JSON in each delta. Default 12. */
  deltaLength?: number;
  /** Further headers of the response. */
  headers?: Record<string, string>;
  /** Pause before the first byte, instead of the API's own pace. */
  firstDelayMs?: number;
  /** Further pause before each delta. */
  deltaDelayMs?: number;
  /** Instead of the API's own pace. */
  pace?: Pace | typeof INSTANT;
  /** What goes wrong once this many content deltas are out. */
  fault?: { afterDeltas: number; kind: 'cut' | 'hang' | 'error-event' | 'garbage'; pauseMs?: number };
}

export interface ScriptedFailure {
  kind: 'failure';
  status: number;
  type?: string;
  message?: string;
  headers?: Record<string, string>;
}

export interface ScriptedUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
}

export type Script = (request: RecordedRequest) => ScriptedReply | Promise<ScriptedReply>;

function toBody(raw: string): MessagesRequestBody {
  const body = JSON.parse(raw) as MessagesRequestBody;
  return IS_WITHOUT_API_KEY ? withoutNotes(body) : body;
}

/** A message with one text block. */
export function text(value: string, options: Partial<ScriptedMessage> = {}): ScriptedMessage {
  return { kind: 'message', content: [{ type: 'text', text: value }], ...options };
}

/** A refusal by status code, as the Messages API words it. */
export function failure(status: number, options: Partial<ScriptedFailure> = {}): ScriptedFailure {
  return { kind: 'failure', status, ...options };
}

/** The text of the last user message of a request, its text blocks joined. */
export function lastText(body: MessagesRequestBody): string {
  return contentText(body.messages.findLast((message) => message.role === 'user')?.content ?? '');
}

/** The text blocks of a message's content, joined with line feeds. */
export function contentText(content: string | ContentBlockParam[]): string {
  if (typeof content === 'string') return content;
  return content.map((block) => (block.type === 'text' ? block.text : `[${block.type}]`)).join('\n');
}

/**
 * Between the last piece of an answer and its fault, unless the fault says otherwise: on a busy machine a process may need
 * that long to read the start of the answer and to have its upstream closed.
 */
const BREAK_PAUSE_MS = 400;
/** Between two pings of a silence. */
const PING_INTERVAL_MS = 50;

/**
 * A stand-in for the Messages API on a free port of 127.0.0.1: it answers as a script says, at the pace of a real API
 * unless another one is asked for, and records byte for byte what reached it. By default it answers
 * `You said: <last text>`.
 */
export class ScriptedMessagesApi {
  readonly requests: RecordedRequest[] = [];
  private script: Script = (request) => text(`You said: ${lastText(request.body)}`);
  private readonly changeListeners = new Set<() => void>();
  private readonly abort = new AbortController();
  private readonly server: Server;
  private messageCount = 0;
  private countStatus = 200;

  private readonly pace: Pace | typeof INSTANT;

  private constructor(pace: Pace | typeof INSTANT) {
    this.pace = pace;
    this.server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(
    options: { port?: number; script?: Script; pace?: Pace | typeof INSTANT } = {},
  ): Promise<ScriptedMessagesApi> {
    const api = new ScriptedMessagesApi(options.pace ?? PACED);
    if (options.script) api.script = options.script;
    api.server.listen(options.port ?? 0, '127.0.0.1');
    await once(api.server, 'listening');
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The newest request. Throws when there is none. */
  get last(): RecordedRequest {
    const request = this.requests.at(-1);
    if (!request) throw new Error('nothing has reached the scripted API yet');
    return request;
  }

  /** Replaces the script from the next request on. */
  respond(script: Script | ScriptedReply): void {
    this.script = typeof script === 'function' ? script : () => script;
  }

  /** Answers the next requests in the order given, then as before. */
  respondOnce(...replies: ScriptedReply[]): void {
    const after = this.script;
    this.script = (request) => {
      const reply = replies.shift();
      if (replies.length === 0) this.script = after;
      return reply ?? after(request);
    };
  }

  /** How requests to count tokens are answered; they are not recorded. */
  countTokens(status: number): void {
    this.countStatus = status;
  }

  /** Forgets what was recorded. */
  reset(): void {
    this.requests.length = 0;
  }

  /** Resolves once the condition holds; it is checked whenever a request arrives or ends. */
  async until(condition: (api: this) => boolean, timeoutMs = 20_000): Promise<void> {
    if (condition(this)) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.changeListeners.delete(check);
        settle();
      };
      const check = (): void => {
        if (condition(this)) finish(resolve);
      };
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`the scripted API waited ${timeoutMs} ms in vain for ${condition.toString()}`)),
          ),
        timeoutMs,
      );
      this.changeListeners.add(check);
    });
  }

  async close(): Promise<void> {
    this.abort.abort();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private changed(): void {
    for (const listener of this.changeListeners) listener();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const path = request.url ?? '/';
    if (request.method !== 'POST' || !path.startsWith('/v1/messages')) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    if (path.startsWith('/v1/messages/count_tokens')) {
      if (this.countStatus !== 200) return this.fail(response, failure(this.countStatus));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":11}');
      return;
    }
    const record: RecordedRequest = {
      index: this.requests.length,
      path,
      headers: request.headers,
      raw,
      body: toBody(raw),
      receivedAt: performance.now(),
      outcome: 'open',
    };
    this.requests.push(record);
    response.on('close', () => {
      if (record.outcome === 'open') record.outcome = response.writableFinished ? 'answered' : 'cancelled';
      this.changed();
    });
    this.changed();
    const reply = await this.script(record);
    if (response.destroyed) return;
    switch (reply.kind) {
      case 'hang':
        return;
      case 'drop':
        record.outcome = 'faulted';
        response.destroy();
        return;
      case 'raw':
        record.outcome = 'faulted';
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(reply.body);
        return;
      case 'failure':
        this.fail(response, reply);
        return;
      case 'message':
        await this.message(record, response, reply);
    }
  }

  private fail(response: ServerResponse, reply: ScriptedFailure): void {
    const error = {
      type: reply.type ?? ERROR_TYPES[reply.status] ?? 'api_error',
      message: reply.message ?? `scripted ${reply.status}`,
    };
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(JSON.stringify({ type: 'error', error, request_id: 'req_scripted' }));
  }

  private envelope(record: RecordedRequest, reply: ScriptedMessage): Record<string, unknown> {
    this.messageCount += 1;
    return {
      id: `msg_scripted_${this.messageCount}`,
      type: 'message',
      role: 'assistant',
      model: record.body.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...DEFAULT_USAGE, ...reply.usage, output_tokens: 1 },
    };
  }

  private complete(record: RecordedRequest, response: ServerResponse, reply: ScriptedMessage): void {
    if (reply.fault?.kind === 'cut') return this.breakOff(record, response, 'cut');
    const content = reply.content.map((block, index) => this.wholeBlock(block, index));
    const message = {
      ...this.envelope(record, reply),
      content,
      stop_reason: stopReason(reply),
      stop_sequence: reply.stopSequence ?? null,
      usage: { ...DEFAULT_USAGE, ...reply.usage },
    };
    response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_scripted', ...reply.headers });
    response.end(JSON.stringify(message));
  }

  private wholeBlock(block: ScriptedBlock, index: number): Record<string, unknown> {
    switch (block.type) {
      case 'text':
        return { type: 'text', text: block.text };
      case 'thinking':
        return { type: 'thinking', thinking: block.thinking, signature: block.signature ?? 'scripted-signature' };
      case 'tool_use':
        return {
          type: 'tool_use',
          id: block.id ?? `toolu_scripted_${this.messageCount}_${index}`,
          name: block.name,
          input: block.input,
        };
      case 'raw':
        return block.start;
    }
  }

  private async message(record: RecordedRequest, response: ServerResponse, reply: ScriptedMessage): Promise<void> {
    const pacer = new Pacer(reply.pace ?? this.pace, record.index, this.abort.signal);
    if (reply.firstDelayMs === undefined) await pacer.beforeFirstByte();
    else await pacer.pause(reply.firstDelayMs);
    if (response.destroyed) return;
    if (record.body.stream === true) await this.stream(record, response, reply, pacer);
    else this.complete(record, response, reply);
  }

  private async stream(
    record: RecordedRequest,
    response: ServerResponse,
    reply: ScriptedMessage,
    pacer: Pacer,
  ): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_scripted', ...reply.headers });
    const events = new EventWriter(response, pacer);
    let deltas = 0;
    await events.write('message_start', { message: this.envelope(record, reply) });
    for (const [place, block] of reply.content.entries()) {
      const whole = this.wholeBlock(block, place);
      const isRaw = block.type === 'raw';
      const index = isRaw && 'index' in block ? block.index : place;
      await events.write('content_block_start', { index, content_block: isRaw ? whole : emptied(whole) });
      const json = block.type === 'tool_use' ? block.json : undefined;
      const parts = isRaw ? (block.deltas ?? []) : [...blockDeltas(whole, reply.deltaLength ?? 12, json)];
      for (const [position, delta] of parts.entries()) {
        if (reply.fault && deltas >= reply.fault.afterDeltas) {
          // What was sent before is to be read before.
          await pacer.pause(reply.fault.pauseMs ?? BREAK_PAUSE_MS);
          return this.breakOff(record, response, reply.fault.kind);
        }
        if (reply.deltaDelayMs) await pacer.pause(reply.deltaDelayMs);
        if (position === parts.length - 1 && block.silenceMs) await events.keepSilent(block.silenceMs);
        await events.write('content_block_delta', { index, delta });
        deltas += 1;
      }
      await events.write('content_block_stop', { index });
    }
    if (reply.fault) {
      await pacer.pause(reply.fault.pauseMs ?? BREAK_PAUSE_MS);
      return this.breakOff(record, response, reply.fault.kind);
    }
    await events.write('message_delta', {
      delta: { stop_reason: stopReason(reply), stop_sequence: reply.stopSequence ?? null },
      usage: { ...DEFAULT_USAGE, ...reply.usage },
    });
    await events.write('message_stop', {});
    response.end();
  }

  private breakOff(
    record: RecordedRequest,
    response: ServerResponse,
    kind: 'cut' | 'hang' | 'error-event' | 'garbage',
  ): void {
    if (kind === 'hang') return;
    record.outcome = 'faulted';
    // What was written before still arrives.
    if (kind === 'cut') response.socket?.destroySoon();
    else if (kind === 'garbage') response.end('event: content_block_delta\ndata: {"type":"content_block_de\u0000\n\n');
    else {
      const error = { type: 'overloaded_error', message: 'Overloaded' };
      response.end(`event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`);
    }
  }
}

/** Server-sent events of one answer, each at its time. */
class EventWriter {
  private readonly response: ServerResponse;
  private readonly pacer: Pacer;

  constructor(response: ServerResponse, pacer: Pacer) {
    this.response = response;
    this.pacer = pacer;
  }

  async write(type: string, data: Record<string, unknown>): Promise<void> {
    const { isPinged, isSplit } = await this.pacer.beforeEvent();
    if (this.response.destroyed) return;
    if (isPinged && type !== 'message_start') this.ping();
    const event = toEvent(type, data);
    if (!isSplit) {
      this.response.write(event);
      return;
    }
    const middle = Math.floor(event.length / 2);
    this.response.write(event.slice(0, middle));
    await this.pacer.pause(1);
    if (!this.response.destroyed) this.response.write(event.slice(middle));
  }

  /** Nothing but pings for a time. */
  async keepSilent(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0 && !this.response.destroyed; left -= PING_INTERVAL_MS) {
      await this.pacer.pause(Math.min(left, PING_INTERVAL_MS));
      if (!this.response.destroyed) this.ping();
    }
  }

  private ping(): void {
    this.response.write(toEvent('ping', {}));
  }
}

function toEvent(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

const DEFAULT_USAGE: ScriptedUsage = {
  input_tokens: 11,
  cache_creation_input_tokens: 3,
  cache_read_input_tokens: 5,
  output_tokens: 7,
};

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

function stopReason(reply: ScriptedMessage): string {
  return reply.stopReason ?? (reply.content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn');
}

function emptied(block: Record<string, unknown>): Record<string, unknown> {
  switch (block['type']) {
    case 'text':
      return { ...block, text: '' };
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    default:
      return { ...block, input: {} };
  }
}

function* blockDeltas(
  block: Record<string, unknown>,
  length: number,
  json: string | undefined,
): Generator<Record<string, unknown>> {
  switch (block['type']) {
    case 'text':
      for (const part of slices(block['text'] as string, length)) yield { type: 'text_delta', text: part };
      return;
    case 'thinking':
      for (const part of slices(block['thinking'] as string, length)) yield { type: 'thinking_delta', thinking: part };
      yield { type: 'signature_delta', signature: block['signature'] };
      return;
    default:
      for (const part of slices(json ?? JSON.stringify(block['input']), length))
        yield { type: 'input_json_delta', partial_json: part };
  }
}

function* slices(value: string, length: number): Generator<string> {
  for (let start = 0; start < value.length; start += length) yield value.slice(start, start + length);
}

/** The messages of a request as [role, text] pairs, without the CLI's cache marks; other blocks as their JSON. */
export function spokenMessages(body: MessagesRequestBody): [string, string][] {
  return body.messages.map(({ role, content }) => [role, spoken(content)]);
}

/** The client's system texts of a request: what stands behind the CLI's own identity line. */
export function systemTexts(body: MessagesRequestBody): string[] {
  if (typeof body.system === 'string' || body.system === undefined) return [];
  return body.system.slice(1).map((block) => block.text);
}

function spoken(content: string | ContentBlockParam[]): string {
  if (typeof content === 'string') return content;
  return content.map((block) => (block.type === 'text' ? block.text : JSON.stringify(block))).join('\u0000');
}
