import { defer, map, type MonoTypeOperatorFunction } from 'rxjs';
import type { AssistantBlock, TurnEvent } from '../claude-cli/turn/turn.ts';
import type { AnswerEvent } from '../turns/answer-event.ts';
import { randomHex } from '../common/random-text.ts';

/** Gives the tool calls of a repeated answer new ids, because clients use an id for one call. */
export function freshCallIds(): MonoTypeOperatorFunction<AnswerEvent> {
  return (source) =>
    defer(() => {
      const ids = new Map<string, string>();
      const freshId = (id: string): string => {
        const known = ids.get(id);
        if (known !== undefined) return known;
        const fresh = `toolu_${randomHex(12)}`;
        ids.set(id, fresh);
        return fresh;
      };
      return source.pipe(
        map((answerEvent) => {
          const event = renameCalls(answerEvent.event, freshId);
          return event === answerEvent.event ? answerEvent : { ...answerEvent, event };
        }),
      );
    });
}

function renameCalls(event: TurnEvent, freshId: (id: string) => string): TurnEvent {
  if (event.type === 'tool-call-start') return { ...event, id: freshId(event.id) };
  if (event.type !== 'finish' || event.reason !== 'tool-calls') return event;
  const content = event.content.map((block): AssistantBlock =>
    block.type === 'tool_use' ? { ...block, id: freshId(block.id) } : block,
  );
  return { ...event, content };
}
