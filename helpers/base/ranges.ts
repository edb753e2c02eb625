import ipaddr from 'ipaddr.js';

/** Returns the address with this number in a range, as the API server writes it: number 0 of 10.43.0.0/16 is 10.43.0.0. Throws for an invalid range. */
export function addressAt(range: string, number: number): string {
  const bytes = ipaddr.parse(range.split('/')[0] ?? '').toByteArray();
  let rest = number;
  for (let index = bytes.length - 1; rest > 0 && index >= 0; index--) {
    const sum = (bytes[index] ?? 0) + rest;
    bytes[index] = sum % 256;
    rest = Math.floor(sum / 256);
  }
  return ipaddr.fromByteArray(bytes).toString();
}

/** Returns the number of an address in a range of its family, from 0; a number that the range does not have where the address is not in it. */
export function numberIn(range: string, address: string): number {
  const value = (text: string) =>
    ipaddr
      .parse(text)
      .toByteArray()
      .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return Number(value(address) - value(range.split('/')[0] ?? ''));
}

/** Returns how many addresses a range has, with its first and last one. */
export function sizeOf(range: string): number {
  const [base = '', prefix = '0'] = range.split('/');
  return 2 ** ((base.includes(':') ? 128 : 32) - Number(prefix));
}

/** Returns a range without the bits that its prefix leaves to addresses: 10.43.0.0/16 for 10.43.0.250/16. Throws for an invalid range. */
export function maskedRange(range: string): string {
  const [address, prefix] = ipaddr.parseCIDR(range);
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(range).toString()}/${prefix}`;
}

/** True if two ranges of one family share addresses. Throws for an invalid range. */
export function overlap(one: string, other: string): boolean {
  const [[network, prefix], [otherNetwork, otherPrefix]] = [ipaddr.parseCIDR(one), ipaddr.parseCIDR(other)];
  return network.kind() === otherNetwork.kind() && network.match(otherNetwork, Math.min(prefix, otherPrefix));
}
