import { invalidRequest } from '../common/errors/gateway-error.ts';

/** The stop sequences of a request. Throws a GatewayError of status 400 for an empty one. */
export function mapStop(stop: string | readonly string[] | null | undefined): string[] {
  const sequences = typeof stop === 'string' ? [stop] : (stop ?? []);
  for (const [index, sequence] of sequences.entries()) {
    const param = typeof stop === 'string' ? 'stop' : `stop[${index}]`;
    if (sequence === '')
      throw invalidRequest(`Invalid '${param}': a stop sequence must not be empty.`, param, 'empty_string');
  }
  return [...sequences];
}
