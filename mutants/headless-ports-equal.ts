import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The targetPort of a headless Service is always its port.',
  how: 'A policy takes the text of the API by its word, and makes both the same.',
  apply: `policy services 'has(object.spec.clusterIP) && object.spec.clusterIP == "None" && has(object.spec.ports) && size(object.spec.ports) > 0' '[JSONPatch{op: "add", path: "/spec/ports/0/targetPort", value: object.spec.ports[0].port}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { clusterIP: None, ports: [{ port: 8080, targetPort: 80 }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.spec.ports[0].targetPort}" | grep "^8080$"'`,
  mend: `unpolicy`,
  red: {
    'headless-target-port': { 'slice-has-target-port': /^\[8080\]$/, 'srv-has-target-port': /"data":"0 100 8080 / },
  },
  green: ['pod-hostnames', 'decoupling'],
};

export default mutant;
