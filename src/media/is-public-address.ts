import ipaddr from 'ipaddr.js';

/** The public part of IPv6. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** In a public range, but a cloud provider's internal service on every machine there. */
const PLATFORM_ADDRESSES = new Set(['168.63.129.16']);

/**
 * Whether an address belongs to the public internet: not to this machine, a private network, link-local (metadata services
 * of clouds), carrier-grade NAT, multicast, reserved or a tunnel. An IPv4 address inside an IPv6 one is checked as IPv4.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv4 ? isPublicIpv4(parsed) : isPublicIpv6(parsed);
}

function isPublicIpv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !PLATFORM_ADDRESSES.has(address.toString());
}

function isPublicIpv6(address: ipaddr.IPv6): boolean {
  if (address.zoneId) return false;
  const range = address.range();
  // IPv4-mapped addresses, and the well-known prefix of NAT64, to which names resolve in networks without IPv4.
  if (range === 'ipv4Mapped' || address.match(NAT64)) {
    return isPublicIpv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  }
  return range === 'unicast' && address.match(GLOBAL_UNICAST);
}

const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
