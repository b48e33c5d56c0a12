import { unsupported } from '../common/errors/gateway-error.ts';

/** What is done with a field that has no counterpart, by its value. */
export type FieldCheck = (value: unknown) => 'as default' | 'ignored' | 'refused';

export const isHint: FieldCheck = () => 'ignored';
export const isRefused: FieldCheck = () => 'refused';

/** A field whose default says nothing. */
export function unless(isDefault: (value: unknown) => boolean, otherwise: 'ignored' | 'refused'): FieldCheck {
  return (value) => (isDefault(value) ? 'as default' : otherwise);
}

export const isFalse = (value: unknown): boolean => value === false;
export const isZero = (value: unknown): boolean => value === 0;
export const isEmptyObject = (value: unknown): boolean => Object.keys(value as object).length === 0;

/**
 * The fields of a request without effect. Throws a GatewayError of status 400 for one that changes the answer and is not
 * available.
 *
 * @param supported fields that are read elsewhere
 * @param checks of the others; a field without one is ignored
 */
export function ignoredFields(
  request: object,
  supported: ReadonlySet<string>,
  checks: Readonly<Record<string, FieldCheck>>,
): string[] {
  const ignored: string[] = [];
  for (const [field, value] of Object.entries(request)) {
    if (value === null || value === undefined || supported.has(field)) continue;
    const verdict = (checks[field] ?? isHint)(value);
    if (verdict === 'refused')
      throw unsupported(`Unsupported parameter: '${field}' is not supported by this service.`, field);
    if (verdict === 'ignored') ignored.push(field);
  }
  return ignored;
}
