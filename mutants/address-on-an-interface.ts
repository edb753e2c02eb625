import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: "The Services' addresses sit on an interface of the node.",
  how: 'IPVS mode binds them to kube-ipvs0.',
  apply: `touch /run/stand-in/held
setsid sh -c 'while [ -e /run/stand-in/held ]; do kubectl get svc -A -o jsonpath="{.items[*].spec.clusterIP}" | tr " " "\\n" | while read -r ip; do ip addr add $ip/32 dev lo 2>/dev/null; done; done' >/dev/null 2>&1 </dev/null &`,
  mend: `rm /run/stand-in/held; sleep 2
ip -4 -o addr show dev lo | sed -n "s/.*inet \\(10[0-9.]*\\).*/\\1/p" | while read -r ip; do ip addr del $ip/32 dev lo; done`,
  red: {
    'virtual-address': { 'no-interface-holds-it': /"10\.43\.[\d.]+"/ },
    ping: { 'no-echo': 'answered' },
  },
  green: ['default-type', 'limited-by-range'],
};

export default mutant;
