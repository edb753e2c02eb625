import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service is reached on every port, also on those that it does not list.',
  how: 'A Service proxy that matches the address alone.',
  apply: `rewrite 's/ --dport 8080 -j KUBE-SVC/ -j KUBE-SVC/'`,
  mend: `unrewrite`,
  red: {
    'port-exposed': /to be timed out/,
    'bare-url': /to be timed out/,
    'fqdn-elsewhere': /to be timed out/,
  },
  green: ['decoupling', 'stable-virtual-ip'],
};

export default mutant;
