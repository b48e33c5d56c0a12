interface HeldMessage {
  readonly role: 'user' | 'assistant';
  readonly digest: string;
  readonly uuid: string | undefined;
}

/** Where a rewind goes, in the terms of the CLI. */
export interface RewindTarget {
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

  addUser(digest: string, uuid: string): void {
    this.add({ role: 'user', digest, uuid });
  }

  addAssistant(digest: string, uuid: string | undefined): void {
    this.add({ role: 'assistant', digest, uuid });
  }

  /** Undefined when there is nothing to forget. Throws when the first message to forget is not the user's. */
  rewindTarget(keep: number): RewindTarget | undefined {
    const first = this.messages[keep];
    if (!first) return undefined;
    if (first.role !== 'user' || first.uuid === undefined) {
      throw new Error('a conversation can only be taken back to before a user message');
    }
    const lastUser = this.messages.findLast((message) => message.role === 'user') ?? first;
    return {
      uuid: first.uuid,
      lastUserUuid: lastUser.uuid ?? first.uuid,
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
