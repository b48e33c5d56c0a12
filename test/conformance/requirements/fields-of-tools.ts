import { reaches } from './reaches.ts';
import { proof, type Requirement } from './requirement.ts';

const TO_TURN = 'src/chat/request/to-turn.spec.ts';
const LIVE = 'test/contract/live-settings.spec.ts';

/** Fields that offer tools, and choose among them. */
export const FIELDS_OF_TOOLS: readonly Requirement[] = [
  {
    id: 'field.tools',
    name: '`tools`',
    verdict: 'supported',
    how: 'functions; see [Tools](#tools). The client executes the calls',
    source: 'schema CreateChatCompletionRequest.tools',
    proofs: [
      proof(LIVE, 'tools arrive as they are, sorted by prefixed name, and can be swapped and taken away live'),
      proof(
        'test/e2e/tool-loop.spec.ts',
        'twelve steps of two parallel calls each, streamed: true history, one request a step, no process more',
      ),
    ],
  },
  {
    id: 'field.tool-choice',
    name: '`tool_choice`',
    verdict: 'supported',
    how: '`none`, `auto`, `required`, a named function, or `allowed_tools`, which offers only the tools that it names',
    source: 'schema CreateChatCompletionRequest.tool_choice',
    proofs: [
      proof(
        'src/chat/request/map-tools.spec.ts',
        '${JSON.stringify(body)} is the choice ${JSON.stringify(choice)}',
        'allowed_tools offers these tools alone',
      ),
      proof(
        LIVE,
        'any tool arrives, and is gone with the turn',
        'no tool arrives, and is gone with the turn',
        'one tool and one call arrives, and is gone with the turn',
      ),
      reaches('tool_choice auto', 'tool_choice none', 'tool_choice required', 'a tool_choice that names a function'),
    ],
  },
  {
    id: 'field.parallel-tool-calls',
    name: '`parallel_tool_calls`',
    verdict: 'supported',
    source: 'schema CreateChatCompletionRequest.parallel_tool_calls',
    proofs: [
      proof(TO_TURN, 'tools and the choice among them are mapped'),
      proof(LIVE, 'one tool and one call arrives, and is gone with the turn'),
      reaches('one call at a time'),
    ],
  },
  {
    id: 'field.functions',
    name: '`functions`, `function_call`',
    verdict: 'supported',
    how: 'the response uses the same legacy form, with at most one call',
    source: 'schema CreateChatCompletionRequest.functions',
    proofs: [
      proof('test/e2e/tool-loop.spec.ts', 'a call in the legacy form is answered in the legacy form, streamed or not'),
      proof(
        'src/chat/response/to-chunks.spec.ts',
        'the legacy form hands out the first call as function_call, and only that one',
      ),
    ],
  },
  {
    id: 'field.function-call',
    name: '`function_call` with the name of a function',
    verdict: 'supported',
    source: 'schema CreateChatCompletionRequest.function_call',
    proofs: [
      proof('src/chat/request/map-tools.spec.ts', '${JSON.stringify(body)} is the choice ${JSON.stringify(choice)}'),
      reaches('a call of the legacy form'),
    ],
  },
];
