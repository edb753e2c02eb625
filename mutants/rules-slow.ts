import type { Mutant } from './mutant.ts';

const slowly = (program: string, when: string) =>
  `printf '#!/bin/sh\\n%bsleep 2\\nexec /usr/sbin/${program} "$@"\\n' '${when}' >/usr/local/sbin/${program}; chmod +x /usr/local/sbin/${program}; newproxy`;

const mutant: Mutant = {
  breaks: 'Each change of the rules in the kernel takes two seconds.',
  how: 'A node without CPU to spare, or tens of thousands of rules.',
  apply: slowly('iptables-restore', ''),
  mend: `unrewrite`,
  nftables: { apply: slowly('nft', '[ "$*" = "-f -" ] || exec /usr/sbin/nft "$@"\\n') },
  red: {
    'within-a-second': { 'at-once-after-a-pause': /^\d{4,}/, 'soon-after-another': /"all":\[\d{4}/ },
  },
  green: ['slices-by-hand', 'default-type'],
};

export default mutant;
