import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'On a cluster with two families, every Service has the policy SingleStack.',
  how: 'A policy of a team that is not ready for the second family.',
  profile: 'dual-stack',
  apply: `policy services 'object.spec.type == "ClusterIP"' '[JSONPatch{op: "add", path: "/spec/ipFamilyPolicy", value: "SingleStack"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { ipFamilyPolicy: PreferDualStack, ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.spec.ipFamilyPolicy}" | grep "^SingleStack$"'`,
  mend: `unpolicy`,
  red: {
    families: { 'both-by-policy': /"policy":"SingleStack"/, 'order-chosen': /"code":422/ },
  },
  green: ['default-type', 'slices-by-hand'],
};

export default mutant;
