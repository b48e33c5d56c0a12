import { formatOfSchema, type OutputFormat } from '../../answers/structured/output-format.ts';
import type { MessagesRequest } from './dto/messages-request.ts';

/**
 * The format that a request asks for; undefined for plain text. Throws a GatewayError of status 400, whose param is the
 * place in the body, for a schema that cannot be used or met.
 */
export function mapOutputFormat({
  output_config: config,
  output_format: format,
}: MessagesRequest): OutputFormat | undefined {
  if (config?.format) {
    return formatOfSchema(config.format.schema, { parameter: 'output_config', field: 'output_config.format.schema' });
  }
  if (format) return formatOfSchema(format.schema, { parameter: 'output_format', field: 'output_format.schema' });
  return undefined;
}
