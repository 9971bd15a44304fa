import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';

const mappedPrefix = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/;
const portOfIpv4 = /^(\d+\.\d+\.\d+\.\d+):\d+$/;
const bracketedIpv6 = /^\[([^\]]+)\](:\d+)?$/;

/**
 * An address in its shortest form, the same for every spelling (RFC 5952): IPv4-mapped IPv6 becomes IPv4; brackets,
 * ports and zones go. Undefined if it is none.
 */
export function plainAddress(text: string): string | undefined {
  const address = text.trim().replace(bracketedIpv6, '$1').replace(portOfIpv4, '$1');
  if (isIP(address) !== 6) return isIP(address) ? address : undefined;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(mappedPrefix, '');
}

function createList(ranges: string): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(',').map((part) => part.trim())) {
    if (range === '') continue;
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Tells from which address a request comes. The header X-Forwarded-For counts only when the peer is one of the proxies,
 * and then from right to left: the first address that is not a proxy's. What stands left of it, anybody can have
 * written. Empty elements of the list do not count (RFC 9110, section 5.6.1.2).
 * @param trustedProxies addresses and CIDR ranges, comma-separated
 * @returns a function that gives the address, or undefined when a proxy forwarded something that is no address
 */
export function createClientAddress(trustedProxies: string): (request: IncomingMessage) => string | undefined {
  const proxies = createList(trustedProxies);

  return (request) => {
    let address = plainAddress(request.socket.remoteAddress ?? '');
    const list = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    for (const hop of list.filter((element) => element.trim() !== '').reverse()) {
      if (address === undefined || !isIn(proxies, address)) break;
      address = plainAddress(hop);
    }
    return address;
  };
}
