import type { Ending } from '../base/endings.ts';

interface Errno {
  readonly ending: Ending;
  /** The words of the C libraries (glibc, then musl where it differs) and of Go, in lower case. curl prints those of its C library, agnhost those of Go. */
  readonly words: readonly string[];
}

/**
 * The errors with which a client's kernel ends an attempt to connect or to send. Where an attempt printed several, for the addresses of a name, the first
 * row counts.
 * Which ICMP message becomes which: icmp_err_convert in https://github.com/torvalds/linux/blob/v6.12/net/ipv4/icmp.c, and icmpv6_err_convert in
 * https://github.com/torvalds/linux/blob/v6.12/net/ipv6/icmp.c. Which kind of route gives which error: fib_props in
 * https://github.com/torvalds/linux/blob/v6.12/net/ipv4/fib_semantics.c. What a firewall may send: --reject-with in
 * https://manpages.debian.org/bookworm/iptables/iptables-extensions.8.en.html. The words: sysdeps/gnu/errlist.h of glibc,
 * https://git.musl-libc.org/cgit/musl/tree/src/errno/__strerror.h, and https://github.com/golang/go/blob/go1.26.0/src/syscall/zerrors_linux_amd64.go.
 */
const errnos: Readonly<Record<string, Errno>> = {
  // A TCP reset, or ICMP "port unreachable".
  ECONNREFUSED: { ending: 'refused', words: ['connection refused'] },
  // ICMP "protocol unreachable".
  ENOPROTOOPT: { ending: 'refused', words: ['protocol not available'] },
  // The client's own kernel refuses: a rule for what it sends, or a proxy in eBPF that finds no endpoint.
  EPERM: { ending: 'refused', words: ['operation not permitted'] },
  EACCES: { ending: 'refused', words: ['permission denied'] },
  // No route, no reply to the look-up of a neighbour, or ICMP "host unreachable" and "prohibited". Some proxies in eBPF use it for no endpoint.
  EHOSTUNREACH: { ending: 'unreachable', words: ['no route to host', 'host is unreachable'] },
  ENETUNREACH: { ending: 'unreachable', words: ['network is unreachable', 'network unreachable'] },
  EHOSTDOWN: { ending: 'unreachable', words: ['host is down'] },
  ENETDOWN: { ending: 'unreachable', words: ['network is down'] },
  // musl has no words for ENONET, and prints these for each error that it does not know.
  ENONET: { ending: 'unreachable', words: ['machine is not on the network', 'no error information'] },
  // A blackhole route, such as Calico's for the blocks of Pods of a node.
  EINVAL: { ending: 'unreachable', words: ['invalid argument'] },
  // The client has no address of the family (or no free port is left), or its kernel has no such family: a client without IPv6.
  EADDRNOTAVAIL: { ending: 'unreachable', words: ['cannot assign requested address', 'address not available'] },
  EAFNOSUPPORT: { ending: 'unreachable', words: ['address family not supported by protocol'] },
  // ICMP "parameter problem", and each ICMPv6 message that the kernel does not know.
  EPROTO: { ending: 'unreachable', words: ['protocol error'] },
  // ICMP "fragmentation needed" and ICMPv6 "packet too big": something on the way takes no packet of this size.
  EMSGSIZE: { ending: 'unreachable', words: ['message too long', 'message too large'] },
  // ICMP "source route failed".
  EOPNOTSUPP: { ending: 'unreachable', words: ['operation not supported', 'not supported'] },
  ETIMEDOUT: { ending: 'timed out', words: ['connection timed out', 'operation timed out'] },
};

/** Returns the ending of the error that a client printed, or undefined when it printed none of them. */
export function errnoEnding(printed: string): Ending | undefined {
  const text = printed.toLowerCase();
  return Object.values(errnos).find(({ words }) => words.some((word) => text.includes(word)))?.ending;
}
