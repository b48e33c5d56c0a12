import { ignoreOthers, isEmpty, isJsonObject, type FormContext, type JsonObject } from './form-context.ts';
import { fromResponseItems } from './from-response-items.ts';
import { toReasoningEffort } from './to-reasoning-effort.ts';
import { toResponseFormat } from './to-response-format.ts';

/** Fields of other APIs that OpenAI has under another name. */
const RENAMED = { max_output_tokens: 'max_completion_tokens', stop_sequences: 'stop' } as const;
/** Objects of other APIs, and which of their fields are read. */
const GROUPS = {
  thinking: ['type', 'budget_tokens'],
  reasoning: ['effort', 'max_tokens', 'enabled'],
  text: ['format', 'verbosity'],
  output_config: ['effort', 'format'],
  output_format: undefined,
} as const;
const FOREIGN = [...Object.keys(RENAMED), ...Object.keys(GROUPS), 'input', 'system', 'instructions', 'conversation'];

/** Whether a body has fields that OpenAI's chat completions do not have and another API has. */
export function hasForeignFields(body: JsonObject): boolean {
  return FOREIGN.some((field) => Object.hasOwn(body, field));
}

/**
 * The body with OpenAI's fields in their place, but for the system text. Where a body has both, OpenAI's own field counts,
 * and the other one is left to be named.
 */
export function fromForeignFields(body: JsonObject, context: FormContext): JsonObject {
  const result: Record<string, unknown> = { ...body };
  const fields: Record<string, string> = {};
  const set = (field: string, value: unknown, origin: string): boolean => {
    if ((result[field] ?? undefined) !== undefined || (value ?? undefined) === undefined) return false;
    result[field] = value;
    fields[field] = origin;
    return true;
  };
  if (isEmpty(result['messages']) && !isEmpty(body['input'])) delete result['messages'];
  if (set('messages', fromResponseItems(body['input'], context), 'input')) delete result['input'];
  for (const [from, to] of Object.entries(RENAMED)) if (set(to, body[from], from)) delete result[from];
  if (set('conversation_id', conversationId(body['conversation']), 'conversation')) delete result['conversation'];
  const asked = toReasoningEffort(body, context);
  if (asked && !set('reasoning_effort', asked.effort, asked.path)) context.ignored.add(asked.path);
  const format = toResponseFormat(body, context);
  if (format && !set('response_format', format.value, format.path)) context.ignored.add(format.path);
  if (isJsonObject(body['text'])) set('verbosity', body['text']['verbosity'], 'text.verbosity');
  for (const [group, read] of Object.entries(GROUPS)) {
    if (!isJsonObject(body[group])) continue;
    if (read) ignoreOthers(body[group], read, group, context);
    delete result[group];
  }
  if (Array.isArray(result['messages'])) {
    delete result['system'];
    delete result['instructions'];
  }
  return context.origins.note(result, { fields });
}

function conversationId(conversation: unknown): unknown {
  return isJsonObject(conversation) ? conversation['id'] : conversation;
}
