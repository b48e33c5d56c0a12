import { clientToolName } from '../session/client-tools.ts';
import type { AssistantLine } from '../transport/messages.ts';
import type { AssistantBlock } from './turn.ts';

/** The latest message, which the CLI repeats block by block besides its stream. */
export class WholeMessage {
  private id = '';
  private content: AssistantBlock[] = [];

  accept({ message: { id, content } }: AssistantLine): void {
    if (id !== this.id) this.content = [];
    this.id = id;
    this.content.push(...content);
  }

  /** Whether content parsed from the stream has the same text and calls. */
  equals(streamed: readonly AssistantBlock[]): boolean {
    return spoken(this.content) === spoken(streamed);
  }
}

/** The text and the calls of the client's tools. */
function spoken(content: readonly AssistantBlock[]): string {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
  return JSON.stringify([text, calls.map(({ id, name, input }) => [id, clientToolName(name) ?? name, input])]);
}
