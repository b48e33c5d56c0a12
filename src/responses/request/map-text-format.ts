import { anyObject, formatOfSchema, type OutputFormat } from '../../answers/structured/output-format.ts';
import type { ResponseRequest } from './response-request.ts';

const PARAMETER = 'text.format';

/**
 * The format that a request asks for; undefined for plain text. Throws a GatewayError of status 400, whose param is the
 * place in the body, for a schema that cannot be used or met.
 */
export function mapTextFormat({ text }: ResponseRequest): OutputFormat | undefined {
  const format = text?.format;
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return anyObject(PARAMETER);
  const { schema, name, description } = format;
  return formatOfSchema(schema, {
    parameter: PARAMETER,
    field: `${PARAMETER}.schema`,
    title: name,
    ...(typeof description === 'string' && { description }),
  });
}
