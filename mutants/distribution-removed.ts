import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Services lose their trafficDistribution.',
  how: 'A policy removes fields that are newer than the policy.',
  apply: `policy services 'has(object.spec.trafficDistribution)' '[JSONPatch{op: "remove", path: "/spec/trafficDistribution"}]'
cat >/run/stand-in/trial.yaml <<YAML
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { trafficDistribution: PreferSameNode, ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/stand-in/trial.yaml --dry-run=server -o yaml >/run/stand-in/trial.out && ! grep trafficDistribution /run/stand-in/trial.out'`,
  mend: `unpolicy`,
  red: {
    'prefer-same-node': { 'hints-name-the-node': /"hints":\[\]/ },
    'prefer-same-zone-without-zones': { 'label-makes-hints': /"ready":true(,"zone":"this-zone")?\}/ },
  },
  green: ['local-without-local', 'random-pod'],
};

export default mutant;
