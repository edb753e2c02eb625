import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Every Service has the policy SingleStack, whatever it asks for.',
  how: 'A policy of a team that is not ready for the second family.',
  apply: `policy services 'object.spec.type == "ClusterIP"' '[JSONPatch{op: "add", path: "/spec/ipFamilyPolicy", value: "SingleStack"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { clusterIP: None, ipFamilyPolicy: PreferDualStack, ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.spec.ipFamilyPolicy}" | grep "^SingleStack$"'`,
  mend: `unpolicy`,
  red: {
    'headless-without-selector-is-dual': { 'dual-by-default': /"policy":"SingleStack"/, 'with-a-cluster-ip': /"policy":"SingleStack"/ },
  },
  green: ['one-record-per-ready-pod', 'default-type'],
};

export default mutant;
