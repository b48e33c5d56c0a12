import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { isPublicAddress } from './is-public-address.ts';

/** Resolves a name to all of its addresses. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Thrown, before anything is connected, for a name that is not, or not only, one of the public internet. */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('the host is not on the public internet');
    this.name = 'AddressNotAllowedError';
  }
}

/**
 * A `lookup` for sockets: the connection is made to the very addresses that were checked, so that a name which resolves
 * differently a moment later gains nothing. One address that is not public is enough to refuse the name.
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
