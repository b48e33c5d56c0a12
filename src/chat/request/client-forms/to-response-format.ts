import { isJsonObject, type FormContext, type JsonObject } from './form-context.ts';

/** The format of the answer in the words of Anthropic and of the Responses API; undefined where none is asked for. */
export function toResponseFormat(
  body: JsonObject,
  { origins }: FormContext,
): { readonly value: JsonObject; readonly path: string } | undefined {
  const places = [
    ['text.format', fieldOf(body['text'], 'format')],
    ['output_config.format', fieldOf(body['output_config'], 'format')],
    ['output_format', body['output_format']],
  ] as const;
  const [path, format] = places.find(([, value]) => isJsonObject(value)) ?? [];
  if (path === undefined || !isJsonObject(format)) return undefined;
  return { value: origins.note(toFormat(format, origins), { at: path }), path };
}

function toFormat({ ...format }: JsonObject, origins: FormContext['origins']): JsonObject {
  const { type, ...described } = format;
  if (type !== 'json_schema' || isJsonObject(format['json_schema'])) return format;
  // Anthropic's format has no name.
  return { type, json_schema: origins.note({ name: 'answer', ...described }, { below: '' }) };
}

function fieldOf(value: unknown, field: string): unknown {
  return isJsonObject(value) ? value[field] : undefined;
}
