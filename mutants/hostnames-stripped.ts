import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods have no hostname of their own.',
  how: 'A policy strips it, so that every host is named after its Pod.',
  apply: `policy pods 'has(object.spec.hostname)' '[JSONPatch{op: "remove", path: "/spec/hostname"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: trial, namespace: default }
spec: { hostname: one, containers: [{ name: trial, image: trial }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.kind}={.spec.hostname}" | grep "^Pod=$"'`,
  mend: `unpolicy`,
  red: {
    'pod-hostnames': { 'by-cluster-ip-service': /"status":"NXDOMAIN"/, 'by-headless-service': /"status":"NXDOMAIN"/ },
    'statefulset-names': { 'each-its-own': /"status":"NXDOMAIN"/ },
  },
  green: ['headless-target-port', 'one-record-per-ready-pod'],
};

export default mutant;
