/** Returns an IP address as URLs and host:port have it: IPv6 in brackets. Returns a name as it is. */
export function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
