import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'kube-proxy does not notice that its chains are gone.',
  how: 'A firewall tool deletes the chains of kube-proxy, and leaves the one that kube-proxy looks for.',
  profile: 'short-sync',
  // kube-proxy asks with -S, by the name of the chain alone, whether it still exists.
  apply: `printf '#!/bin/sh\\ncase " $* " in *" -S KUBE-PROXY-CANARY "*) exit 0 ;; esac\\nexec /usr/sbin/iptables "$@"\\n' >/usr/local/sbin/iptables; chmod +x /usr/local/sbin/iptables; newproxy`,
  mend: `rm -f /usr/local/sbin/iptables; newproxy`,
  red: {
    'rules-repaired': { 'deleted-chains-return': 'timed out' },
  },
  green: ['slices-by-hand', 'default-type'],
};

export default mutant;
