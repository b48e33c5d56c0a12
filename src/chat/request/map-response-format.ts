import { anyObject, formatOfSchema, type OutputFormat } from '../../answers/structured/output-format.ts';
import type { ChatCompletionRequest } from './dto/chat-completion-request.ts';

const PARAMETER = 'response_format';

/**
 * The format that a request asks for; undefined for plain text. Throws a GatewayError of status 400, whose param is the
 * place in the body, for a schema that cannot be used or met.
 */
export function mapResponseFormat(format: ChatCompletionRequest['response_format']): OutputFormat | undefined {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') {
    if (!format.schema) return anyObject(PARAMETER);
    return formatOfSchema(format.schema, { parameter: PARAMETER, field: 'response_format.schema' });
  }
  // Without a schema there is nothing to hold it to but that it is an object.
  const { schema, name, description } = format.json_schema;
  if (!schema) return anyObject(PARAMETER);
  return formatOfSchema(schema, {
    parameter: PARAMETER,
    field: 'response_format.json_schema.schema',
    title: name,
    ...(typeof description === 'string' && { description }),
  });
}
