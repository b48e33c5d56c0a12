import { proof, type Proof, type Requirement } from './requirement.ts';

const MAP = 'src/chat/request/chat-messages.spec.ts';
const DRAFTS = 'src/chat/request/tool-results.spec.ts';
const ANY = 'src/chat/request/any-history.spec.ts';
const INPUT = 'src/claude-cli/turn/call-input.spec.ts';
const E2E = 'test/e2e/history.spec.ts';
const DIGITS = 'src/chat/request/client-forms/keep-digits.spec.ts';
const TOOL = 'ChatCompletionRequestToolMessage';

function row(id: string, name: string, how: string, source: string, ...proofs: Proof[]): Requirement {
  return { id: `messages.${id}`, name, verdict: 'supported', how, source, proofs };
}

/** What OpenAI refuses in a history, and what this service makes of it, so that a conversation can always go on. */
export const ANY_HISTORY: readonly Requirement[] = [
  row('calls.missing', 'a call without a result, where the conversation goes on', 'a result that says so, with `is_error`; a result that comes later, after words of the user, is still the result of its call', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'a call without a result is told to have none, wherever the conversation goes on', 'a call that lacks one of its results at the end is told so'), proof(MAP, 'a result that comes behind words of the user stands before them'), proof(E2E, 'a conversation goes on after a call without a result', 'goes on with words of the user where the results of its calls are missing, and goes on again', 'that is told again by its client is known, though a result was missing')),
  row('calls.loose', 'a result whose call is not there (a history that was cut off at its beginning), a second result of a call', 'text of the user, after `Result of the tool call "ID":`', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'a result ${what} is told in words'), proof(E2E, 'a conversation goes on after a result whose call was cut off', 'a conversation goes on after a second result of a call')),
  row('calls.ids', 'calls and results with empty ids or none', 'they belong together in their order', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'calls and results without ids belong together in their order'), proof(E2E, 'a conversation goes on after a call and a result without ids')),
  row('calls.arguments', '`arguments` that are not a JSON object', 'raw control characters in strings are escaped, and arguments that were encoded twice are decoded twice; other JSON becomes the value of `arguments`; what is not JSON becomes a text under `INVALID_JSON`, as Anthropic documents it', 'schema ChatCompletionMessageToolCall.function', proof(INPUT, 'a text that is cut off is given as text', 'a raw line feed in a string is a line feed', 'a list becomes the value of arguments', 'arguments that were encoded twice are decoded twice', 'arguments that are nested too deeply, or hold too many values, are given as text'), proof(E2E, 'a conversation goes on after arguments that are cut off', 'a conversation goes on after arguments with a raw line feed')),
  row('numbers', 'numbers in `arguments` that JavaScript, and so the CLI, writes with other digits: 12345678901234567890, 1.10, 1e400', 'strings with the same digits; 20.0 and 1e5 are the numbers 20 and 100000', 'schema ChatCompletionMessageToolCall.function', proof('src/claude-cli/turn/exact-number.spec.ts', '${source} ${value ? \'keeps\' : \'does not keep\'} its value and ${digits ? \'keeps\' : \'does not keep\'} its digits'), proof(INPUT, 'a large integer becomes a string', 'a fraction that ends in zeros becomes a string'), proof(DIGITS, 'a call in the history whose arguments are an object keeps the digits of its numbers'), proof(E2E, 'a conversation goes on after numbers that lose digits', 'reach the client byte for byte, whole and in its conversation, and go back with their digits')),
  row('result.media', '`image_url` and `file` parts in a `tool` message', '`image` and `document` blocks in the result', `schema ${TOOL}.content`, proof(MAP, 'images and files of a result stand in it'), proof('test/contract/history.spec.ts', 'images and documents in the result of a call pass as they are, in a history too'), proof(E2E, 'images and files in a tool message reach the model in the result of the call')),
  row('result.error', 'ours: `is_error` of a `tool` message', 'the result of an error; its images follow the results, since the Messages API takes only text there', 'own Anthropic: tool_result.is_error', proof(DRAFTS, 'a result that says it is an error is one, and its images stand behind it, since the API takes text only'), proof('test/contract/history.spec.ts', 'of the result of an error only the text passes')),
  row('calls.order', 'texts between and after the calls of one answer', 'before its calls: the CLI moves them', 'own what the pinned CLI does', proof('test/contract/history.spec.ts', 'texts between and behind calls are moved before them, and nothing is lost')),
  row('any', 'anything else in the history that OpenAI refuses: `null` as content, unknown roles and parts, names that no function can have, fields of another type', 'as close to its meaning as possible; a part, item or role without a counterpart becomes text, `[TYPE]` and its JSON, and is named as ignored', 'schema ChatCompletionRequestMessage', proof(ANY, 'whatever stands before the last message, the request is understood, and its calls and results belong together', 'a conversation goes on after ${what}', 'the data of a part that is told in words is cut'), proof(E2E, 'a conversation goes on after null as every content', 'a conversation goes on after a role that nobody has')),
  {
    id: 'messages.calls.open',
    name: 'calls at the end of the messages, without any result',
    verdict: 'refused',
    how: 'there is nothing to go on with yet; with any message after them the conversation goes on',
    source: `schema ${TOOL}.tool_call_id`,
    proofs: [
      proof(MAP, 'a call at the end is refused and its place is named', 'a legacy call at the end is refused and its place is named'),
      proof(E2E, 'a request that ends with calls is refused: there is nothing yet to go on with'),
    ],
  },
]; // prettier-ignore
