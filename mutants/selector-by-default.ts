import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service without a selector gets one.',
  how: 'A policy or a template of the provider fills it in.',
  apply: `policy services 'object.metadata.namespace.startsWith("clusterip-") && !has(object.spec.selector)' '[JSONPatch{op: "add", path: "/spec/selector", value: {"app": "web"}}]'
kubectl create namespace clusterip-trial
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: { name: trial, namespace: clusterip-trial }
spec: { ports: [{ port: 80 }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.spec.selector}" | grep web'
kubectl delete namespace clusterip-trial --wait=false`,
  mend: `unpolicy`,
  red: {
    'empty-selector': { 'empty-selects-nothing': /"app":"web"/, 'empty-is-refused': 'answered' },
    'slices-by-hand': { 'no-slice': /endpointslice-controller/ },
  },
  green: ['selector-links', 'selector-removed-freezes'],
};

export default mutant;
