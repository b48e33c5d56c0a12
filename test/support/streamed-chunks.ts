import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { AnswerEncoder } from '../../src/answers/door/prepared-answer.ts';
import type { AnswerEvent } from '../../src/turns/answer-event.ts';

/** The chunks of a whole stream, without the `[DONE]` at its end. */
export function streamedChunks<Chunk = ChatCompletionChunk>(
  encoder: AnswerEncoder,
  events: readonly AnswerEvent[],
): Chunk[] {
  const written = [...events.flatMap((event) => encoder.encode(event)), ...encoder.end()].map(({ data }) => data);
  if (written.pop() !== '[DONE]') throw new Error('the stream does not end with [DONE]');
  return written.map((data) => JSON.parse(data) as Chunk);
}
