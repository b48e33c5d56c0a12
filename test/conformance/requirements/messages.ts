import { ANY_HISTORY } from './any-history.ts';
import { proof, type Proof, type Requirement, type Section } from './requirement.ts';

const MAP = 'src/chat/request/chat-messages.spec.ts';
const FIDELITY = 'test/e2e/fidelity.spec.ts';
const REPLAY = proof(
  'test/conformance/replay.spec.ts',
  'whatever conversation OpenAI accepts reaches the model as the table says, or is refused with a reason',
);

/** A row that says what the model sees of what the client sends. */
function row(id: string, name: string, how: string, source: string, ...proofs: Proof[]): Requirement {
  return { id: `messages.${id}`, name, verdict: 'supported', how, source: `schema ${source}`, proofs };
}

export const MESSAGES: Section = {
  title: 'Messages',
  introduction: `What reaches the model is what the client wrote. An alternating history of non-empty messages arrives exactly; this is what
the model sees of the rest. A history is evidence of what was said and done: whatever it holds, the conversation can go on. Only
the last message, unless an assistant or a tool has said it, is held to OpenAI's description.`,
  requirements: [
    row(
      'system',
      '`system`, `developer` messages, wherever they stand',
      'system texts, in their order, behind one line in which the CLI says what it is; text parts of one message are joined with a line feed; white space alone is nothing',
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
      'several messages of one role in a row',
      'one message of several text blocks',
      'ChatCompletionRequestMessage',
      proof(MAP, 'messages of one role in a row become one of several blocks'),
      proof(FIDELITY, 'consecutive messages of one role become one message of several blocks'),
      REPLAY,
    ),
    row(
      'parts',
      'several text parts',
      'as many text blocks',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'parts stay blocks'),
      REPLAY,
    ),
    row(
      'empty-part',
      'an empty text part; a message that is empty or white space only, beside another of its role',
      'nothing',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'an empty part vanishes', 'an empty message beside another of its role vanishes'),
      proof(FIDELITY, 'empty content vanishes beside other content of its role, and is (no content) alone'),
      REPLAY,
    ),
    row(
      'blank-part',
      'a text part of white space only',
      'joined to the text part before it in its message, else to the one after it; the Messages API refuses it alone',
      'ChatCompletionRequestMessageContentPartText.text',
      proof(MAP, 'a part of white space joins the text before it, or else the one after it'),
      REPLAY,
    ),
    row(
      'empty-user',
      'an empty user message alone, or one of white space only',
      '`(no content)`',
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
      'an assistant message with neither text nor calls, or that says nothing but `(no content)`',
      'nothing; what stands around it is one message',
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
      'an assistant message first',
      'a user message `(no content)` before it',
      'ChatCompletionRequestAssistantMessage',
      proof(FIDELITY, 'an assistant message at the beginning follows an empty user message'),
      REPLAY,
    ),
    row(
      'assistant-last',
      'an assistant message last, or no user message at all',
      'a user message `Continue.` after it',
      'ChatCompletionRequestAssistantMessage',
      proof(FIDELITY, 'an assistant message at the end is continued', 'a system message alone is continued'),
      REPLAY,
    ),
    row(
      'calls',
      '`tool_calls` and `tool` messages, `function_call` and `function` messages',
      '`tool_use` and `tool_result` blocks; ids that repeat, or have characters that the Messages API refuses, are made unique and plain',
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
      'calls in the history, but no `tools`',
      'the called tools, declared without detail, and not to be called again',
      'CreateChatCompletionRequest.tools',
      proof(
        'src/chat/request/to-turn.spec.ts',
        'a conversation with calls but without tools declares what was called and forbids more',
      ),
      REPLAY,
    ),
    row(
      'result',
      'the result of a call',
      'as the client gave it; without content where it is empty',
      'ChatCompletionRequestToolMessage.content',
      proof(MAP, 'a result is given as the client gave it, white space included, and an empty one without content'),
      REPLAY,
    ),
    row(
      'thinking',
      'an answer with calls that the model had thought about',
      'its thinking with the signature, as long as this service remembers it by the ids of the calls',
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
    row('surrogate', 'half a surrogate pair', 'U+FFFD', 'ChatCompletionRequestMessageContentPartText.text', REPLAY),
    row(
      'refusal',
      'a `refusal` part or field',
      'its text',
      'ChatCompletionRequestMessageContentPartRefusal.refusal',
      proof(MAP, 'a refusal is text'),
      REPLAY,
    ),
    row(
      'white-space',
      'white space around text',
      'the same',
      'ChatCompletionRequestUserMessage.content',
      proof(MAP, 'white space around text is kept'),
      REPLAY,
    ),
    {
      id: 'messages.inert',
      name: 'mentions such as `@/etc/hosts`, slash commands, `!` and `#`',
      verdict: 'supported',
      how: 'the same text; no file is read and no command runs',
      source: 'own the CLI would expand and run them',
      proofs: [
        proof(
          FIDELITY,
          'mentions, commands and flags reach the model as plain text in every position, and no file is read',
        ),
      ],
    },
  ],
  remarks: `Without an API key or auth token (a stored login, an OAuth token, Bedrock, Vertex, Foundry) the CLI adds a message of its own
about its environment and today's date, and its attribution; see [architecture.md](architecture.md), lean mode.`,
};
