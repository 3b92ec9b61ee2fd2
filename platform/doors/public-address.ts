import { BlockList, isIP } from 'node:net';

/** Networks that nobody outside can mean. @source IANA special-purpose address registries, RFC 6890 */
const NOT_PUBLIC: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
  ...['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  // What carries an IPv4 address inside is as bad as that address.
  ...['::/96', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10'],
  ...['fec0::/10', 'ff00::/8'],
];

const REFUSED = networks(NOT_PUBLIC);
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_HEX = /^::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i;

/** Networks as CIDR. @throws RangeError for what is none */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = ''] = cidr.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(bits)) throw new RangeError(`${cidr} is no network`);
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Whether something of somebody else's may be sent to an address. @param allowed networks that count although they are private */
export function mayConnectTo(address: string, allowed: BlockList): boolean {
  const plain = MAPPED.exec(address)?.[1] ?? address;
  const family = isIP(plain);
  if (family === 0 || MAPPED_HEX.test(plain)) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  return allowed.check(plain, kind) || !REFUSED.check(plain, kind);
}
