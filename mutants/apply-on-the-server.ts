import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Plain kubectl apply behaves as with --server-side.',
  how: 'A wrapper around kubectl adds the flag.',
  apply: `kubectl=$(command -v kubectl)
printf '#!/bin/sh\\ncase $1 in apply) shift; exec %s apply --server-side --force-conflicts "$@" ;; esac\\nexec %s "$@"\\n' "$kubectl" "$kubectl" >/usr/local/sbin/kubectl
chmod +x /usr/local/sbin/kubectl`,
  mend: `rm /usr/local/sbin/kubectl`,
  red: {
    'apply-loses-a-port': { 'plain-apply-loses-one': /^2$/ },
  },
  green: ['tcp-and-udp-on-one-number', 'default-type'],
};

export default mutant;
