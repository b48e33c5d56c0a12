import { messageDigest } from '../../claude-cli/session/message-digest.ts';
import type { AssistantBlock, ConversationMessage } from '../../claude-cli/turn/turn.ts';
import type { Draft, MessageSource } from './message-source.ts';
import { toDrafts } from './to-drafts.ts';
import { ToolCallLedger } from './tool-call-ledger.ts';

/**
 * How many of a request's first messages equal the content of a conversation; 0 unless they cover all of it. System texts
 * among them count, although they are not part of the content.
 */
export function knownMessages(source: MessageSource, held: readonly ConversationMessage[]): number {
  if (held.length === 0) return 0;
  const expected = new Said();
  for (const message of held) expected.add(message as Draft);
  const said = new Said();
  let known = 0;
  for (const { draft, end } of toDrafts(source, { calls: new ToolCallLedger() })) {
    said.add(draft);
    if (said.length > expected.length) break;
    if (said.equals(expected)) known = end;
  }
  return known;
}

/** One block of the user, or one whole answer. */
interface Unit {
  /** Equal for equal units. */
  readonly size: number;
  /** Equal for equal units only; computed on first use. */
  readonly digest: () => string;
}

/**
 * Content in units that do not depend on its division into messages: the user's blocks, tool results first, and whole
 * answers.
 */
class Said {
  private readonly units: Unit[] = [];
  private answer: AssistantBlock[] = [];
  /** The index of the next tool result among the user's blocks. */
  private resultPlace = 0;

  get length(): number {
    return this.units.length;
  }

  add({ role, content }: Draft): void {
    if (role === 'user') {
      if (content.length > 0) this.answer = [];
      for (const block of content) {
        const unit = unitOf({ role, content: [block] }, 0);
        if (block.type !== 'tool_result') this.units.push(unit);
        else this.units.splice(this.resultPlace++, 0, unit);
      }
    } else if (content.length > 0) {
      const before = this.answer.length > 0 ? (this.units.pop()?.size ?? 0) : 0;
      for (const block of content) this.answer.push(block);
      this.units.push(unitOf({ role, content: this.answer }, before + sizeOf(content)));
      this.resultPlace = this.units.length;
    }
  }

  /** Computes digests only for answers of equal size, since an answer may grow with each message. */
  equals(other: Said): boolean {
    if (this.length !== other.length) return false;
    const pairs = this.units.map((unit, index) => [unit, other.units[index]] as const);
    return (
      pairs.every(([unit, others]) => unit.size === others?.size) &&
      pairs.every(([unit, others]) => unit.digest() === others?.digest())
    );
  }
}

function unitOf(message: ConversationMessage, size: number): Unit {
  let digest: string | undefined;
  return { size, digest: () => (digest ??= messageDigest(message)) };
}

/** The size of what the digest of an answer covers: its texts and calls. */
function sizeOf(content: readonly AssistantBlock[]): number {
  return content.reduce((size, block) => {
    if (block.type === 'text') return size + block.text.length;
    return block.type === 'tool_use' ? size + 1 : size;
  }, 0);
}
