import { proof, type Proof, type Requirement } from './requirement.ts';

const MAP = 'src/chat/request/chat-messages.spec.ts';
const DRAFTS = 'src/chat/request/tool-results.spec.ts';
const ANY = 'src/chat/request/any-history.spec.ts';
const INPUT = 'src/claude-cli/turn/call-input.spec.ts';
const E2E = 'test/e2e/history.spec.ts';
const DIGITS = 'src/turns/numbers/keep-digits.spec.ts';
const TOOL = 'ChatCompletionRequestToolMessage';

function row(id: string, name: string, how: string, source: string, ...proofs: Proof[]): Requirement {
  return { id: `messages.${id}`, name, verdict: 'supported', how, source, proofs };
}

/** Histories that OpenAI refuses, and what the model receives instead. */
export const ANY_HISTORY: readonly Requirement[] = [
  row('calls.missing', 'a call without a result, with messages after it', 'a result with `is_error` that says so. A result that comes later, after a user text, still belongs to its call', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'a call without a result is told to have none, wherever the conversation goes on', 'a call that lacks one of its results at the end is told so'), proof(MAP, 'a result that comes behind words of the user stands before them'), proof(E2E, 'a conversation goes on after a call without a result', 'goes on with words of the user where the results of its calls are missing, and goes on again', 'that is told again by its client is known, though a result was missing')),
  row('calls.loose', 'a result without its call (a history whose beginning was cut off); a second result of a call', 'user text, after `Result of the tool call "ID":`', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'a result ${what} is told in words'), proof(E2E, 'a conversation goes on after a result whose call was cut off', 'a conversation goes on after a second result of a call')),
  row('calls.ids', 'calls and results without ids, or with empty ones', 'matched in order', `schema ${TOOL}.tool_call_id`, proof(DRAFTS, 'calls and results without ids belong together in their order'), proof(E2E, 'a conversation goes on after a call and a result without ids')),
  row('calls.arguments', '`arguments` that are not a JSON object', 'raw control characters in strings are escaped; arguments that were encoded twice are decoded twice; other JSON becomes the value of `arguments`; text that is not JSON becomes the value of `INVALID_JSON`, the key that Anthropic documents', 'schema ChatCompletionMessageToolCall.function', proof(INPUT, 'a text that is cut off is given as text', 'a raw line feed in a string is a line feed', 'a list becomes the value of arguments', 'arguments that were encoded twice are decoded twice', 'arguments that are nested too deeply, or hold too many values, are given as text'), proof(E2E, 'a conversation goes on after arguments that are cut off', 'a conversation goes on after arguments with a raw line feed')),
  row('numbers', 'numbers in `arguments` that JavaScript (and so the CLI) would write with other digits: 12345678901234567890, 1.10, 1e400', 'strings with the same digits. 20.0 and 1e5 stay numbers: 20 and 100000', 'schema ChatCompletionMessageToolCall.function', proof('src/claude-cli/turn/exact-number.spec.ts', '${source} ${value ? \'keeps\' : \'does not keep\'} its value and ${digits ? \'keeps\' : \'does not keep\'} its digits'), proof(INPUT, 'a large integer becomes a string', 'a fraction that ends in zeros becomes a string'), proof(DIGITS, 'a call in the history whose arguments are an object keeps the digits of its numbers'), proof(E2E, 'a conversation goes on after numbers that lose digits', 'reach the client byte for byte, whole and in its conversation, and go back with their digits')),
  row('result.media', '`image_url` and `file` parts in a `tool` message', '`image` and `document` blocks in the tool result', `schema ${TOOL}.content`, proof(MAP, 'images and files of a result stand in it'), proof('test/contract/history.spec.ts', 'images and documents in the result of a call pass as they are, in a history too'), proof(E2E, 'images and files in a tool message reach the model in the result of the call')),
  row('result.error', '`is_error` of a `tool` message (extension)', 'an error result. Its images follow the results, because the Messages API accepts only text in an error result', 'own Anthropic: tool_result.is_error', proof(DRAFTS, 'a result that says it is an error is one, and its images stand behind it, since the API takes text only'), proof('test/contract/history.spec.ts', 'of the result of an error only the text passes')),
  row('calls.order', 'texts between or after the calls of one assistant message', 'moved before the calls by the CLI', 'own what the pinned CLI does', proof('test/contract/history.spec.ts', 'texts between and behind calls are moved before them, and nothing is lost')),
  row('any', 'anything else in the history that OpenAI refuses: `null` as content, unknown roles and parts, invalid function names, fields of a wrong type', 'the closest equivalent. A part, item or role without one becomes text (`[TYPE]` and its JSON), and is named as ignored', 'schema ChatCompletionRequestMessage', proof(ANY, 'whatever stands before the last message, the request is understood, and its calls and results belong together', 'a conversation goes on after ${what}', 'the data of a part that is told in words is cut'), proof(E2E, 'a conversation goes on after null as every content', 'a conversation goes on after a role that nobody has')),
  {
    id: 'messages.calls.open',
    name: 'calls at the end of the messages, without any result',
    verdict: 'refused',
    how: '400 with `param`: the model has nothing to respond to yet. Any message after them lets the conversation continue',
    source: `schema ${TOOL}.tool_call_id`,
    proofs: [
      proof(MAP, 'a call at the end is refused and its place is named', 'a legacy call at the end is refused and its place is named'),
      proof(E2E, 'a request that ends with calls is refused: there is nothing yet to go on with'),
    ],
  },
]; // prettier-ignore
