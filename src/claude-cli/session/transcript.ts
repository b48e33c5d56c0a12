import type { UserMessage } from '../turn/turn.ts';

interface HeldMessage {
  readonly role: 'user' | 'assistant';
  readonly digest: string;
  readonly uuid: string | undefined;
  /** Whether the conversation can be taken back to before this message. */
  readonly isCut: boolean;
}

/** Where a rewind goes, in the terms of the CLI. */
export interface RewindTarget {
  /** How many messages are left. */
  readonly keep: number;
  /** The first user message to forget. */
  readonly uuid: string;
  /** The newest user message that the CLI holds. */
  readonly lastUserUuid: string;
  /** The answer that is to be the last one afterwards; null when none is left. */
  readonly precedingAssistantUuid: string | null;
}

/** What a process holds, message by message, each with the uuid by which the CLI knows it. */
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
    // The CLI does not part a call from its result.
    const isCut = !message.content.some(({ type }) => type === 'tool_result');
    this.add({ role: 'user', digest, uuid, isCut });
  }

  addAssistant(digest: string, uuid: string | undefined): void {
    this.add({ role: 'assistant', digest, uuid, isCut: false });
  }

  /** How many messages can be left when at most `keep` are wanted: all, or those before a message of the user's own. */
  cutAt(keep: number): number {
    if (keep >= this.messages.length) return this.messages.length;
    return Math.max(
      0,
      this.messages.findLastIndex(({ isCut }, index) => isCut && index <= keep),
    );
  }

  /** Undefined when there is nothing to forget. */
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
