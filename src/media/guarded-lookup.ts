import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { isPublicAddress } from './is-public-address.ts';

/** Resolves a name to all of its addresses. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The name has an address outside the public internet; no connection was made. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('the host is not on the public internet');
    this.name = 'AddressNotAllowedError';
  }
}

/**
 * A `lookup` for sockets that connect to the checked addresses themselves, so that a changed DNS answer has no effect.
 * Refuses a name with any address that is not public.
 */
export function guardedLookup(resolveName: ResolveName): LookupFunction {
  const find = callbackify(async (hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolveName(hostname);
    if (!first || ![first, ...others].every(({ address }) => isPublicAddress(address)))
      throw new AddressNotAllowedError();
    return [first, ...others];
  });
  return (hostname, options, callback) => {
    find(hostname, (error, addresses) => {
      if (error) callback(error, []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0].address, addresses[0].family);
    });
  };
}
