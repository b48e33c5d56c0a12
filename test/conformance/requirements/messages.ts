import { ANY_HISTORY } from './any-history.ts';
import { proof, type Proof, type Requirement, type Section } from './requirement.ts';

const MAP = 'src/chat/request/chat-messages.spec.ts';
const FIDELITY = 'test/e2e/fidelity.spec.ts';
const REPLAY = proof(
  'test/conformance/replay.spec.ts',
  'whatever conversation OpenAI accepts reaches the model as the table says, or is refused with a reason',
);

/** A row: a message of the client, and what the model receives. */
function row(id: string, name: string, how: string, source: string, ...proofs: Proof[]): Requirement {
  return { id: `messages.${id}`, name, verdict: 'supported', how, source: `schema ${source}`, proofs };
}

export const MESSAGES: Section = {
  title: 'Messages',
  introduction: `The model receives the messages as the client wrote them. An alternating history of non-empty messages arrives unchanged; the
rows below say what the model receives in other cases. The service accepts any history, so that a conversation can always continue.
Only the last message, if it is not from an assistant or a tool, must follow OpenAI's description.`,
  requirements: [
    row(
      'system',
      '`system` and `developer` messages at any position',
      'system texts in the same order, after one line that identifies the CLI. The service joins the text parts of one message with a line feed, and drops messages of white space only',
      'ChatCompletionRequestSystemMessage.content',
      proof(
        MAP,
        'system and developer messages are hoisted in order',
        'the parts of a system message are joined with a line feed',
        'a system message of nothing or white space only vanishes',
      ),
      proof(FIDELITY, 'system and developer messages are hoisted from wherever they stand, in order'),
      REPLAY,
    ),
    row(
      'consecutive',
      'consecutive messages of one role',
      'one message with several text blocks',
      'ChatCompletionRequestMessage',
      proof(MAP, 'messages of one role in a row become one of several blocks'),
      proof(FIDELITY, 'consecutive messages of one role become one message of several blocks'),
      REPLAY,
    ),
    row(
      'parts',
      'several text parts in one message',
      'one text block per part',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'parts stay blocks'),
      REPLAY,
    ),
    row(
      'empty-part',
      'an empty text part; an empty or blank message next to another of its role',
      'dropped',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'an empty part vanishes', 'an empty message beside another of its role vanishes'),
      proof(FIDELITY, 'empty content vanishes beside other content of its role, and is (no content) alone'),
      REPLAY,
    ),
    row(
      'blank-part',
      'a text part of white space only',
      'joined to the text part before it in its message, or else to the one after it, because the Messages API refuses it alone',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'a part of white space joins the text before it, or else the one after it'),
      REPLAY,
    ),
    row(
      'empty-user',
      'an empty or blank user message with no other user message next to it',
      'the text `(no content)`',
      'ChatCompletionRequestUserMessage.content',
      proof(
        MAP,
        'a user message of nothing alone is (no content)',
        'a user message of white space alone is (no content)',
      ),
      REPLAY,
    ),
    row(
      'empty-assistant',
      'an assistant message without text and calls, or with the text `(no content)` only',
      'dropped; the messages before and after it become one',
      'ChatCompletionRequestAssistantMessage.content',
      proof(
        MAP,
        'an assistant message that says nothing vanishes, and what stands around it is one message',
        'an assistant message that says nothing but (no content) vanishes, as it would in the CLI',
      ),
      REPLAY,
    ),
    row(
      'assistant-first',
      'a history that begins with an assistant message',
      'a user message `(no content)` comes first',
      'ChatCompletionRequestAssistantMessage',
      proof(FIDELITY, 'an assistant message at the beginning follows an empty user message'),
      REPLAY,
    ),
    row(
      'assistant-last',
      'an assistant message at the end, or no user message at all',
      'a user message `Continue.` follows',
      'ChatCompletionRequestAssistantMessage',
      proof(FIDELITY, 'an assistant message at the end is continued', 'a system message alone is continued'),
      REPLAY,
    ),
    row(
      'calls',
      '`tool_calls` and `tool` messages; `function_call` and `function` messages',
      '`tool_use` and `tool_result` blocks. The service makes repeated ids unique and replaces characters that the Messages API refuses',
      'ChatCompletionRequestToolMessage.tool_call_id',
      proof(
        MAP,
        'calls follow the text, results stand before it',
        'the legacy form of calls and results is the same',
        'ids that repeat or that the API would refuse are made unique and plain, the same way each time',
      ),
      proof(
        'test/e2e/tool-loop.spec.ts',
        'twelve steps of two parallel calls each, streamed: true history, one request a step, no process more',
      ),
      REPLAY,
    ),
    ...ANY_HISTORY,
    row(
      'calls.undeclared',
      'calls in the history without `tools`',
      'the called tools, declared without parameters; the model cannot call them',
      'CreateChatCompletionRequest.tools',
      proof(
        'src/chat/request/to-turn.spec.ts',
        'a conversation with calls but without tools declares what was called and forbids more',
      ),
      REPLAY,
    ),
    row(
      'result',
      'the result of a tool call',
      'unchanged; an empty result has no content',
      'ChatCompletionRequestToolMessage.content',
      proof(MAP, 'a result is given as the client gave it, white space included, and an empty one without content'),
      REPLAY,
    ),
    row(
      'thinking',
      'an assistant message with calls that followed thinking',
      'the thinking with its signature, as long as this service still has it in memory, by the ids of the calls',
      'ChatCompletionRequestAssistantMessage.tool_calls',
      proof(
        'src/answers/thinking-store.spec.ts',
        'the thinking of an answer is put before its calls again',
        'it is bounded: the oldest is forgotten first',
      ),
      proof(
        'test/e2e/tool-loop.spec.ts',
        'twelve steps of two parallel calls each, streamed: true history, one request a step, no process more',
      ),
    ),
    row('surrogate', 'an unpaired surrogate', 'U+FFFD', 'ChatCompletionRequestMessageContentPartText.text', REPLAY),
    row(
      'refusal',
      'a `refusal` part or field',
      'text',
      'ChatCompletionRequestMessageContentPartRefusal.refusal',
      proof(MAP, 'a refusal is text'),
      REPLAY,
    ),
    row(
      'white-space',
      'white space around text',
      'unchanged',
      'ChatCompletionRequestUserMessage.content',
      proof(MAP, 'white space around text is kept'),
      REPLAY,
    ),
    {
      id: 'messages.inert',
      name: 'mentions such as `@/etc/hosts`, slash commands, lines with `!` or `#`',
      verdict: 'supported',
      how: 'unchanged text; the CLI reads no file and runs no command',
      source: 'own the CLI would expand and run them',
      proofs: [
        proof(
          FIDELITY,
          'mentions, commands and flags reach the model as plain text in every position, and no file is read',
        ),
      ],
    },
  ],
  remarks: `Without an API key or auth token (a stored login, an OAuth token, Bedrock, Vertex, Foundry) the CLI adds a message about its
environment and today's date, and its attribution; see [architecture.md](architecture.md), lean mode.`,
};
