import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service with externalTrafficPolicy Local gets internalTrafficPolicy Local too.',
  how: 'A policy that is meant to keep traffic on its node.',
  apply: `policy services 'has(object.spec.externalTrafficPolicy) && object.spec.externalTrafficPolicy == "Local"' '[JSONPatch{op: "add", path: "/spec/internalTrafficPolicy", value: "Local"}]'
cat >/run/stand-in/trial.yaml <<YAML
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: default }
spec: { type: NodePort, externalTrafficPolicy: Local, ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/stand-in/trial.yaml --dry-run=server -o yaml | grep "internalTrafficPolicy: Local"'`,
  mend: `unpolicy`,
  red: {
    'external-policy-inside': { 'cluster-ip-is-answered': 'timed out' },
  },
  green: ['local-without-local', 'node-port'],
};

export default mutant;
