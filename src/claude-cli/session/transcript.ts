import type { UserMessage } from '../turn/turn.ts';

interface HeldMessage {
  readonly role: 'user' | 'assistant';
  readonly digest: string;
  readonly uuid: string | undefined;
  /** Whether a rewind can cut before this message. */
  readonly isCut: boolean;
}

/** The parameters of a rewind request. */
export interface RewindTarget {
  /** The number of messages that stay. */
  readonly keep: number;
  /** The first user message to remove. */
  readonly uuid: string;
  /** The newest user message that the CLI holds. */
  readonly lastUserUuid: string;
  /** The last answer that stays; null without one. */
  readonly precedingAssistantUuid: string | null;
}

/** The messages that a process holds, each with the CLI's uuid. */
export class Transcript {
  private readonly messages: HeldMessage[] = [];
  private heldDigests: string[] = [];

  get length(): number {
    return this.messages.length;
  }

  get digests(): readonly string[] {
    return this.heldDigests;
  }

  addUser(message: UserMessage, digest: string, uuid: string): void {
    // The CLI does not separate a call from its result.
    const isCut = !message.content.some(({ type }) => type === 'tool_result');
    this.add({ role: 'user', digest, uuid, isCut });
  }

  addAssistant(digest: string, uuid: string | undefined): void {
    this.add({ role: 'assistant', digest, uuid, isCut: false });
  }

  /**
   * The number of messages that can stay if at most `keep` are wanted: all, or those before a message without tool results.
   */
  cutAt(keep: number): number {
    if (keep >= this.messages.length) return this.messages.length;
    return Math.max(
      0,
      this.messages.findLastIndex(({ isCut }, index) => isCut && index <= keep),
    );
  }

  /** Undefined if there is nothing to remove. */
  rewindTarget(wanted: number): RewindTarget | undefined {
    const keep = this.cutAt(wanted);
    const first = this.messages[keep];
    if (!first) return undefined;
    const lastUser = this.messages.findLast((message) => message.role === 'user') ?? first;
    return {
      keep,
      uuid: first.uuid ?? '',
      lastUserUuid: lastUser.uuid ?? '',
      precedingAssistantUuid: this.messages[keep - 1]?.uuid ?? null,
    };
  }

  truncate(keep: number): void {
    this.messages.length = Math.min(this.messages.length, keep);
    this.heldDigests = this.heldDigests.slice(0, keep);
  }

  private add(message: HeldMessage): void {
    this.messages.push(message);
    this.heldDigests = [...this.heldDigests, message.digest];
  }
}
