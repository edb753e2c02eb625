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
  nftables: {
    // Each ClusterIP with port 8080 is in a second map, by its address alone, for packets that the first one does not match.
    apply: String.raw`rewrite '/^add map ip kube-proxy service-ips /p; s/^add map ip kube-proxy service-ips .*/add map ip kube-proxy any-port { type ipv4_addr : verdict ; }/
/^add rule ip kube-proxy services .* vmap @service-ips$/p; s/^\(add rule ip kube-proxy services\) .* vmap @service-ips$/\1 meta l4proto tcp ip daddr vmap @any-port/
/^\(add\|delete\) element ip kube-proxy service-ips { [0-9.]* \. tcp \. 8080 /{p; s/ service-ips { \([0-9.]*\) \. tcp \. 8080 / any-port { \1 /}'`,
  },
};

export default mutant;
