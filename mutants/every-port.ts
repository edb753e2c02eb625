import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service is reached on every port, also on those that it does not list.',
  how: 'The Service proxy matches the address alone.',
  apply: `rewrite 's/ --dport 8080 -j KUBE-SVC/ -j KUBE-SVC/'`,
  mend: `unrewrite`,
  red: {
    'port-exposed': { 'unlisted-port-does-not': 'answered' },
    'bare-url': { 'bare-url-is-not-answered': 'answered' },
    'fqdn-elsewhere': { 'full-name-as-printed': 'answered' },
  },
  green: ['decoupling', 'stable-virtual-ip'],
};

export default mutant;
