import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Services that ask for it do not publish the addresses of Pods that are not ready.',
  how: 'A policy of the platform team forbids publishNotReadyAddresses.',
  apply: `policy services 'has(object.spec.publishNotReadyAddresses) && object.spec.publishNotReadyAddresses' '[JSONPatch{op: "replace", path: "/spec/publishNotReadyAddresses", value: false}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { publishNotReadyAddresses: true, ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.kind}={.spec.publishNotReadyAddresses}" | grep "^Service=$"'`,
  mend: `unpolicy`,
  red: {
    'publish-not-ready': { 'never-ready-answers': 'refused', 'terminating-gets-its-share': /^"ready"$/ },
  },
  green: ['all-pods-with-label', 'empty-selector'],
};

export default mutant;
