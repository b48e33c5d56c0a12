import { toParts, toResultContent } from './content-parts.ts';
import { isJsonObject, mapUnlessSame, type FormContext, type JsonObject } from './form-context.ts';
import { toFunctionName } from '../../../turns/tools/function-name.ts';
import { plainText, shortJson } from './in-words.ts';

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  bot: 'assistant',
};

/**
 * A message in OpenAI's form; the same object where it is. A message of the history is valid afterwards, whatever it was:
 * a conversation can go on after anything. What is asked last is left as it is where it is not known, to be refused.
 *
 * @param isLast whether nothing comes after it; what assistants and tools have said is history even then
 */
export function toOpenAiMessage(message: unknown, isLast: boolean, context: FormContext): unknown {
  if (!isJsonObject(message)) return isLast ? message : { role: 'user', content: plainText(message) };
  const role = roleOf(message['role']);
  const known = role === message['role'] ? message : { ...message, role };
  switch (role) {
    case 'system':
    case 'developer':
      return spokenMessage(known, 'system', !isLast, context);
    case 'user':
      return spokenMessage(known, 'user', !isLast, context);
    case 'assistant':
      return assistantMessage(known, context);
    case 'tool':
      return toolMessage(known, context);
    case 'function':
      return functionMessage(known);
    default:
      return isLast ? message : { role: 'user', content: ofUnknownRole(message, context) };
  }
}

function ofUnknownRole({ role, content, ...rest }: JsonObject, { ignored }: FormContext): string {
  ignored.add('messages.role (unknown role, passed on as text)');
  const said =
    typeof content === 'string' && Object.keys(rest).length === 0 ? content : shortJson({ content, ...rest });
  return `[${plainText(role)}] ${said}`;
}

function roleOf(role: unknown): unknown {
  if (typeof role !== 'string') return role;
  const plain = role.trim().toLowerCase();
  return Object.hasOwn(ROLES, plain) ? ROLES[plain] : plain;
}

function spokenMessage(
  message: JsonObject,
  speaker: 'system' | 'user',
  isHistory: boolean,
  context: FormContext,
): unknown {
  const { content, name } = message;
  const spoken = typeof content === 'string' ? content : contentOf(content, speaker, isHistory, context);
  const isNamed = name === undefined || name === null || typeof name === 'string' || !isHistory;
  if (spoken === content && isNamed) return message;
  return { ...message, content: spoken, ...(!isNamed && { name: undefined }) };
}

function contentOf(
  content: unknown,
  speaker: 'system' | 'user' | 'assistant',
  isHistory: boolean,
  context: FormContext,
): unknown {
  if (Array.isArray(content)) return toParts(content, { speaker, isHistory }, context);
  if (!isHistory) return content;
  return isJsonObject(content) ? toParts([content], { speaker, isHistory }, context) : plainText(content);
}

function assistantMessage(message: JsonObject, context: FormContext): unknown {
  const { content = null, tool_calls: calls = null, function_call: legacy = null, audio = null } = message;
  if (typeof content === 'string' && calls === null && legacy === null && isPlain(message)) return message;
  const changes: Record<string, unknown> = {};
  if (typeof content !== 'string' && content !== null) {
    changes['content'] = contentOf(content, 'assistant', true, context);
  } else if (!content && isJsonObject(audio) && typeof audio['transcript'] === 'string') {
    changes['content'] = audio['transcript'];
  }
  if (audio !== null && !isJsonObject(audio)) changes['audio'] = undefined;
  if (calls !== null) changes['tool_calls'] = mapUnlessSame(Array.isArray(calls) ? calls : [calls], toCall);
  if (legacy !== null) changes['function_call'] = calledFunction(legacy);
  for (const field of ['refusal', 'name']) {
    if (typeof (message[field] ?? '') !== 'string') changes[field] = undefined;
  }
  return changed(message, changes);
}

/** Whether the fields that few answers have are not there, or as they should be. */
function isPlain({ refusal = null, name = null, audio = null }: JsonObject): boolean {
  return refusal === null && name === null && audio === null;
}

/** A call of the history, whatever it lacks. */
function toCall(call: unknown): unknown {
  if (!isJsonObject(call)) return { type: 'function', id: '', function: calledFunction(call) };
  const { id, type, function: called, custom, ...rest } = call;
  // Custom tools are called with a text.
  const given =
    called ?? (isJsonObject(custom) ? { name: custom['name'], arguments: { input: custom['input'] } } : rest);
  const valid = calledFunction(given);
  if (type === 'function' && typeof id === 'string' && valid === called) return call;
  return { type: 'function', id: plainText(id), function: valid };
}

function calledFunction(called: unknown): unknown {
  if (!isJsonObject(called)) return { name: 'unknown', arguments: plainText(called) };
  const { name, arguments: json } = called;
  const valid = toFunctionName(name);
  return valid === name && typeof json === 'string' ? called : { ...called, name: valid, arguments: plainText(json) };
}

function toolMessage(message: JsonObject, context: FormContext): unknown {
  const { tool_call_id: id, content, is_error: isError } = message;
  if (typeof content === 'string' && typeof id === 'string' && isError === undefined) return message;
  return changed(message, {
    content: toResultContent(content, context),
    tool_call_id: plainText(id),
    is_error: typeof isError === 'boolean' ? isError : undefined,
  });
}

function functionMessage(message: JsonObject): unknown {
  const { content, name } = message;
  return changed(message, {
    content: content === null || typeof content === 'string' ? content : plainText(content),
    name: toFunctionName(name),
  });
}

/** The same object where nothing changes. */
function changed(message: JsonObject, changes: JsonObject): JsonObject {
  const isSame = Object.entries(changes).every(([field, value]) => value === message[field]);
  return isSame ? message : { ...message, ...changes };
}
