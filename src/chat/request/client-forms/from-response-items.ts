import { isEmpty, isJsonObject, type FormContext, type JsonObject } from './form-context.ts';
import { toFunctionName } from '../../../turns/tools/function-name.ts';
import { inWords, plainText } from './in-words.ts';

/** What stands in an item beside what it says. */
const ITEM_FIELDS = ['id', 'status'];

/** The `input` of a body of the Responses API as messages, one for each item. */
export function fromResponseItems(input: unknown, context: FormContext): unknown {
  const { origins } = context;
  if (typeof input === 'string') {
    const message = origins.note({ role: 'user', content: input }, { below: '', fields: { content: '' } });
    return [message];
  }
  return Array.isArray(input) ? input.map((item: unknown) => fromItem(item, context)) : input;
}

function fromItem(item: unknown, context: FormContext): unknown {
  if (typeof item === 'string') return { role: 'user', content: item };
  if (!isJsonObject(item)) return item;
  const { type, call_id: callId, id } = item;
  switch (type) {
    case 'message':
    case undefined:
    case null:
      return withoutFields(item, ['type', ...ITEM_FIELDS]);
    case 'function_call':
      return callMessage(callId ?? id, item['name'], item['arguments'], context);
    case 'custom_tool_call':
      return callMessage(callId ?? id, item['name'], { input: item['input'] }, context);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return context.origins.note(
        { role: 'tool', tool_call_id: plainText(callId), content: item['output'] },
        { fields: { tool_call_id: 'call_id', content: 'output' } },
      );
    case 'reasoning':
      // Only the provider that made it can read it.
      for (const field of ['encrypted_content', 'summary', 'content']) {
        if (!isEmpty(item[field])) context.ignored.add(`input.${field}`);
      }
      return { role: 'assistant', content: null };
    default: {
      const role = typeof type === 'string' && type.endsWith('_output') ? 'user' : 'assistant';
      return { role, content: [inWords(item, context)] };
    }
  }
}

function callMessage(id: unknown, name: unknown, given: unknown, { origins }: FormContext): unknown {
  const called = origins.note({ name: toFunctionName(name), arguments: plainText(given) }, { below: '' });
  const call = origins.note(
    { type: 'function', id: plainText(id), function: called },
    { below: '', fields: { id: 'call_id' } },
  );
  return { role: 'assistant', content: null, tool_calls: origins.note([call], { below: '' }) };
}

function withoutFields(item: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([field]) => !fields.includes(field)));
}
