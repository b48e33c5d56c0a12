import { CliProtocolError } from '../errors.ts';
import type { CliConnection } from '../transport/cli-connection.ts';
import type { UserMessage } from '../turn/turn.ts';
import type { HistoryReplay } from './history-replay.ts';
import type { SessionEvent } from './session-event.ts';
import type { Transcript } from './transcript.ts';

/** The deadline for the message that a full rewind runs. */
const EMPTY_DEADLINE_MS = 5_000;

const TO_BE_TAKEN_BACK: UserMessage = { role: 'user', content: [{ type: 'text', text: 'to be taken back' }] };

/** Rewinds the conversation of a process. Ends a process that cannot prove the rewind. */
export class Rewinding {
  constructor(
    private readonly connection: CliConnection,
    private readonly transcript: Transcript,
    private readonly replay: HistoryReplay,
    private readonly onEvent: (event: SessionEvent) => void = () => undefined,
  ) {}

  /** See `ClaudeSession.rewindTo`. */
  async to(keep: number): Promise<void> {
    const target = this.transcript.rewindTarget(keep);
    if (!target) return;
    try {
      const answer = await this.connection.control.request({
        subtype: 'rewind_conversation',
        target_message_uuid: target.uuid,
        last_seen_user_message_uuid: target.lastUserUuid,
      });
      const isExact = answer['rewound'] === true && answer['targetMessageUuid'] === target.uuid &&
        (answer['precedingAssistantUuid'] ?? null) === target.precedingAssistantUuid; // prettier-ignore
      if (!isExact) throw new CliProtocolError('the CLI did not rewind the conversation as asked');
      this.transcript.truncate(target.keep);
    } catch (error) {
      if (!this.connection.failure) this.onEvent({ type: 'rewind-failed', reason: (error as Error).message });
      this.connection.kill(error as Error);
      throw error;
    }
  }

  /** See `ClaudeSession.empty`. */
  async empty(): Promise<void> {
    if (this.transcript.length === 0) return;
    try {
      await this.replay.appendUser(TO_BE_TAKEN_BACK, EMPTY_DEADLINE_MS);
    } catch (error) {
      this.connection.kill(error as Error);
      throw error;
    }
    await this.to(0);
  }
}
