import { randomUUID } from 'node:crypto';
import { CliTimeoutError } from '../errors.ts';
import { messageDigest } from './message-digest.ts';
import type { CliConnection } from '../transport/cli-connection.ts';
import type { ToolHost } from './tool-host.ts';
import type { Transcript } from './transcript.ts';
import { toUserLine } from './user-line.ts';
import type { ConversationMessage, UserMessage } from '../turn/turn.ts';

/** Adds messages to the CLI's transcript without a request to the model. */
export class HistoryReplay {
  constructor(
    private readonly connection: CliConnection,
    private readonly transcript: Transcript,
    private readonly tools: ToolHost,
  ) {}

  async append(message: ConversationMessage, model: string, deadlineMs: number): Promise<void> {
    if (message.role === 'user') return this.appendUser(message, deadlineMs);
    const uuid = randomUUID();
    this.connection.send({
      type: 'assistant',
      uuid,
      message: this.tools.toCliMessage(message, model),
      parent_tool_use_id: null,
      session_id: '',
    });
    this.transcript.addAssistant(messageDigest(message), uuid);
  }

  async appendUser(message: UserMessage, deadlineMs: number): Promise<void> {
    await this.send(message, { shouldQuery: false }, 'a message of the history', deadlineMs);
  }

  /** Runs a message as a turn that reaches no model; the caller sets the upstream. The message stays in the transcript. */
  async runWithoutModel(message: UserMessage, what: string, deadlineMs: number): Promise<void> {
    await this.send(message, {}, what, deadlineMs);
  }

  /** @param what names the message in the timeout error */
  private async send(message: UserMessage, extra: object, what: string, deadlineMs: number): Promise<void> {
    const uuid = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(new CliTimeoutError(what, deadlineMs)), deadlineMs);
        this.connection.read({
          accept: ({ type }) => {
            if (type === 'result') resolve();
          },
          fail: reject,
        });
        this.connection.send(toUserLine(message, uuid, extra));
      });
    } finally {
      clearTimeout(timer);
      this.connection.read(undefined);
    }
    this.transcript.addUser(message, messageDigest(message), uuid);
  }
}
