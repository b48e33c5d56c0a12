import { messageDigest } from '../claude-cli/message-digest.ts';
import type { AssistantBlock, ConversationMessage } from '../claude-cli/turn.ts';
import type { ChatMessage } from './dto/chat-completion-request.ts';
import { toDraft, type Draft } from './map-messages.ts';
import type { ResolvedMedia } from './resolve-media.ts';
import { ToolCallLedger } from './tool-call-ledger.ts';

/**
 * How many of a request's messages, from its first, say exactly what a conversation holds already; 0 unless that is all
 * it holds. System texts among them count, since they are not part of what was said.
 */
export function knownMessages(
  messages: readonly ChatMessage[],
  media: ResolvedMedia,
  held: readonly ConversationMessage[],
): number {
  if (held.length === 0) return 0;
  const expected = new Said();
  for (const message of held) expected.add(message as Draft);
  const said = new Said();
  let known = 0;
  for (const [index, draft] of drafts(messages, media)) {
    said.add(draft);
    if (said.length > expected.length) break;
    if (said.equals(expected)) known = index + 1;
  }
  return known;
}

/** The messages one by one, up to the first that makes no sense by itself: a result of a call that is held, above all. */
function* drafts(messages: readonly ChatMessage[], media: ResolvedMedia): Generator<[number, Draft]> {
  const calls = new ToolCallLedger();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system' || message.role === 'developer') continue;
    try {
      yield [index, toDraft(message, index, calls, media)];
    } catch {
      return;
    }
  }
}

/** What was said in units that do not depend on how it was split into messages: the user's blocks, whole answers. */
class Said {
  private readonly units: string[] = [];
  private answer: AssistantBlock[] = [];

  get length(): number {
    return this.units.length;
  }

  add({ role, content }: Draft): void {
    if (role === 'user') {
      if (content.length > 0) this.answer = [];
      for (const block of content) this.units.push(messageDigest({ role, content: [block] }));
    } else if (content.length > 0) {
      if (this.answer.length > 0) this.units.pop();
      this.answer.push(...content);
      this.units.push(messageDigest({ role, content: this.answer }));
    }
  }

  equals(other: Said): boolean {
    return this.length === other.length && this.units.every((unit, index) => unit === other.units[index]);
  }
}
