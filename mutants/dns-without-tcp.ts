import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service of DNS has no port for TCP.',
  how: 'A Service written by hand, with port 53 for UDP only.',
  apply: `kubectl -n kube-system patch service kube-dns --type=json -p '[{"op": "test", "path": "/spec/ports/1/name", "value": "dns-tcp"}, {"op": "remove", "path": "/spec/ports/1"}]'`,
  mend: `kubectl -n kube-system patch service kube-dns --type=json -p '[{"op": "add", "path": "/spec/ports/1", "value": {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53}}]'`,
  red: { 'big-answers-need-tcp': { 'whole-over-tcp': /"status":"(timed out|connection refused)"/ } },
  green: ['short-name', 'fqdn-elsewhere'],
};

export default mutant;
