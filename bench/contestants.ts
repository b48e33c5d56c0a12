import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../src/claude-cli/transport/child-environment.ts';
import { launchArguments, plainProfile } from '../src/claude-cli/transport/launch-options.ts';
import { toUserLine } from '../src/claude-cli/session/user-line.ts';
import { bundledCommand } from '../src/claude-cli/check/version.ts';

export const MODEL = 'claude-haiku-4-5';
/** The key that the service is asked with; services without keys do not look at it. */
export const KEY = 'bench-key';

/** When the first piece and the end of an answer came, in milliseconds after the question. */
export interface Timing {
  readonly firstMs: number;
  readonly totalMs: number;
  /** The conversation that the answer belongs to, where the service was asked. */
  readonly conversationId?: string | undefined;
}

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Asks the service for a stream, with sampling and a limit set as most clients do. */
export function askService(url: string, messages: readonly Message[], conversationId?: string): Promise<Timing> {
  const body = JSON.stringify({
    model: MODEL,
    stream: true,
    temperature: 0.5,
    max_tokens: 500,
    messages,
    ...(conversationId !== undefined && { conversation_id: conversationId }),
  });
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-api-key': KEY };
    const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let firstMs: number | undefined;
      let seen = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        seen += text;
        if (firstMs === undefined && /"delta":\{"content":"[^"]/.test(seen)) firstMs = performance.now() - began;
      });
      response.on('end', () => {
        if (response.statusCode !== 200 || !seen.endsWith('data: [DONE]\n\n') || firstMs === undefined) {
          reject(new Error(`status ${response.statusCode}: ${seen.slice(0, 300)}`));
        } else {
          const conversationId = response.headers['x-conversation-id'];
          resolve({
            firstMs,
            totalMs: performance.now() - began,
            ...(typeof conversationId === 'string' && { conversationId }),
          });
        }
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

interface Line {
  readonly type: string;
  readonly event?: { readonly type: string; readonly delta?: { readonly type?: string } };
  readonly response?: { readonly request_id: string };
}

function isFirstText(line: Line): boolean {
  return line.type === 'stream_event' && line.event?.delta?.type === 'text_delta';
}

/** The CLI as it is, warm, without anything around it: what nothing in front of it can be faster than. */
export class BareCli {
  private readonly listeners = new Set<(line: Line) => void>();
  private readonly uuids: string[] = [];
  private readonly child;

  constructor(apiUrl: string, directory: string) {
    const home = join(directory, `bare-${randomUUID()}`);
    mkdirSync(home, { recursive: true });
    this.child = spawn(bundledCommand(), launchArguments(plainProfile(true)), {
      cwd: home,
      env: childEnvironment({ inherited: environmentFor(apiUrl, home), lean: true, maxRetries: 1 }),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    createInterface({ input: this.child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      for (const listener of this.listeners) listener(line);
    });
  }

  async initialize(): Promise<void> {
    await this.control({ subtype: 'initialize', systemPrompt: [''] });
    const env = {
      CLAUDE_CODE_EXTRA_BODY: '{"temperature":0.5,"thinking":{"type":"disabled"}}',
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: '500',
    };
    await this.control({ subtype: 'apply_flag_settings', settings: { model: MODEL, env } });
  }

  async ask(text: string): Promise<Timing> {
    const began = performance.now();
    let firstMs: number | undefined;
    const result = this.until((line) => {
      if (isFirstText(line)) firstMs ??= performance.now() - began;
      return line.type === 'result';
    });
    this.send(text, {});
    await result;
    return { firstMs: firstMs ?? Number.NaN, totalMs: performance.now() - began };
  }

  async append(messages: readonly Message[]): Promise<void> {
    for (const { role, content } of messages) {
      if (role === 'assistant') {
        const message = { role, content: [{ type: 'text', text: content }] };
        this.write({ type: 'assistant', message, parent_tool_use_id: null, session_id: '' });
      } else {
        const result = this.until(({ type }) => type === 'result');
        this.send(content, { shouldQuery: false });
        await result;
      }
    }
  }

  /** Forgets the last `count` user messages and what followed. */
  async rewind(count: number): Promise<void> {
    const target = this.uuids.at(-count);
    const last = this.uuids.at(-1);
    await this.control({
      subtype: 'rewind_conversation',
      target_message_uuid: target,
      last_seen_user_message_uuid: last,
    });
    this.uuids.length -= count;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, 'exit');
  }

  private send(content: string, more: object): void {
    const uuid = randomUUID();
    this.uuids.push(uuid);
    const message = { role: 'user', content: [{ type: 'text', text: content }] } as const;
    this.write(toUserLine(message, uuid, more));
  }

  private async control(request: object): Promise<void> {
    const id = randomUUID();
    const answer = this.until((line) => line.response?.request_id === id);
    this.write({ type: 'control_request', request_id: id, request });
    await answer;
  }

  private write(message: object): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  private until(isIt: (line: Line) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const listener = (line: Line): void => {
        if (!isIt(line)) return;
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
    });
  }
}

/** One process for one request with the CLI's default flags, as most gateways do it. */
export async function askNewProcess(apiUrl: string, directory: string, text: string): Promise<Timing> {
  const home = join(directory, 'one-shot');
  mkdirSync(home, { recursive: true });
  const began = performance.now();
  const flags = ['-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages', '--model', MODEL];
  const child = spawn(bundledCommand(), flags, {
    cwd: home,
    env: { ...environmentFor(apiUrl, home), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let firstMs: number | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (firstMs === undefined && isFirstText(JSON.parse(line) as Line)) firstMs = performance.now() - began;
  });
  child.stdin.end(text);
  await once(child, 'close');
  if (firstMs === undefined) throw new Error('the process gave no answer');
  return { firstMs, totalMs: performance.now() - began };
}

function environmentFor(apiUrl: string, home: string): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], HOME: home, ANTHROPIC_BASE_URL: apiUrl, ANTHROPIC_API_KEY: 'sk-bench' };
}
