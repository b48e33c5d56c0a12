import { FieldOrigins } from './field-origins.ts';
import { isJsonObject, mapUnlessSame, type FormContext, type JsonObject } from './form-context.ts';
import { fromForeignFields, hasForeignFields } from './from-foreign-fields.ts';
import { keepDigits } from '../../../turns/numbers/keep-digits.ts';
import { SCHEMA_PATHS } from './schema-paths.ts';
import { toOpenAiMessage } from './to-openai-message.ts';
import { toOpenAiToolChoice, toOpenAiTools } from './to-openai-tools.ts';

/** A body in the form that OpenAI describes for a chat completion. */
export interface OpenAiBody {
  readonly body: unknown;
  /** Where its fields come from. */
  readonly origins: FieldOrigins;
  /** What of the client's own form has no effect, in words for a header. */
  readonly ignored: readonly string[];
}

/**
 * Puts a body into OpenAI's form, from that of Anthropic's Messages API, of the Responses API, or a mixture of them, and
 * makes its history one that can be gone on with. An ordinary body is left as it is. Throws a GatewayError of status 400
 * for what means nothing in either form.
 *
 * @param body changed where numbers in it would lose their digits
 * @param bytes what it was parsed from, where there are such numbers
 */
export function toOpenAiBody(body: unknown, bytes?: Buffer): OpenAiBody {
  const context: FormContext = {
    origins: new FieldOrigins(),
    ignored: new Set(bytes && keepDigits(body, bytes, SCHEMA_PATHS)),
  };
  if (!isJsonObject(body)) return { ...context, body, ignored: [] };
  const plain = hasForeignFields(body) ? fromForeignFields(body, context) : body;
  const changes: JsonObject = {
    messages: withSystem(toOpenAiMessages(plain['messages'], context), body, context),
    tools: toOpenAiTools(plain['tools'], context),
    ...toolChoice(plain, context),
  };
  const isSame = Object.entries(changes).every(([field, value]) => value === plain[field]);
  const result = isSame ? plain : { ...plain, ...changes };
  context.origins.copy(plain, result);
  return { body: result, origins: context.origins, ignored: [...context.ignored] };
}

function toOpenAiMessages(messages: unknown, context: FormContext): unknown {
  if (!Array.isArray(messages)) return messages;
  const last = messages.length - 1;
  return mapUnlessSame(messages, (message, index) => {
    const mapped = toOpenAiMessage(message, index === last, context);
    context.origins.copy(message, mapped);
    return mapped;
  });
}

/** The messages behind the system text that stands beside them. */
function withSystem(messages: unknown, { system, instructions }: JsonObject, { origins }: FormContext): unknown {
  if (!Array.isArray(messages)) return messages;
  const texts = Object.entries({ system, instructions }).filter(([, text]) => text !== undefined && text !== null);
  if (texts.length === 0) return messages;
  const first = texts.map(([at, content]) =>
    origins.note({ role: 'system', content }, { at, fields: { content: '' } }),
  );
  return origins.note([...first, ...(messages as unknown[])], { added: first.length });
}

function toolChoice(
  { tool_choice: choice, parallel_tool_calls: parallel }: JsonObject,
  context: FormContext,
): JsonObject {
  const isSingle = isJsonObject(choice) && choice['disable_parallel_tool_use'] === true;
  return {
    tool_choice: toOpenAiToolChoice(choice, context),
    parallel_tool_calls: parallel ?? (isSingle ? false : parallel),
  };
}
