import { unsupported } from '../errors/gateway-error.ts';

/** Field names can be the client's own, of any length. */
const MAX_CHARACTERS = 200;

/**
 * Throws a GatewayError of status 400 if a field has no effect, for services that refuse such fields.
 *
 * @param ignored fields in the form of the header: the path first
 */
export function refuseIgnored(ignored: readonly string[]): void {
  const first = ignored[0]?.slice(0, MAX_CHARACTERS);
  if (first === undefined) return;
  const field = first.split(' (')[0] ?? first;
  throw unsupported(
    `Unsupported parameter: '${first}' has no effect here, and this service refuses such parameters.`,
    field,
  );
}
