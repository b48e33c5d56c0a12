import { unsupported } from '../common/errors/gateway-error.ts';

/** What is done with a field, by its value. */
export type FieldCheck = (value: unknown) => 'honoured' | 'ignored' | 'refused';

/** One for each field of a request, so that a new field does not compile without a decision. */
export type FieldChecks<Request> = Readonly<Record<keyof Request, FieldCheck>>;

/** A field that is read elsewhere. */
export const isHonoured: FieldCheck = () => 'honoured';

export const isHint: FieldCheck = () => 'ignored';
export const isRefused: FieldCheck = () => 'refused';

/** A field whose default says nothing. */
export function unless(isDefault: (value: unknown) => boolean, otherwise: 'ignored' | 'refused'): FieldCheck {
  return (value) => (isDefault(value) ? 'honoured' : otherwise);
}

export const isFalse = (value: unknown): boolean => value === false;
export const isZero = (value: unknown): boolean => value === 0;
export const isEmptyObject = (value: unknown): boolean => Object.keys(value as object).length === 0;

/**
 * The fields of a request without effect. Throws a GatewayError of status 400 for one that changes the answer and is not
 * available.
 */
export function ignoredFields<Request extends object>(request: Request, checks: FieldChecks<Request>): string[] {
  const ignored: string[] = [];
  for (const field of Object.keys(request) as (keyof Request & string)[]) {
    const value: unknown = request[field];
    if (value === null || value === undefined) continue;
    const verdict = checks[field](value);
    if (verdict === 'refused') {
      throw unsupported(`Unsupported parameter: '${field}' is not supported by this service.`, field);
    }
    if (verdict === 'ignored') ignored.push(field);
  }
  return ignored;
}
