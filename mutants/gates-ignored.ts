import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods are ready as soon as their containers are, whatever their readiness gates say.',
  how: 'A policy strips readinessGates, because a controller that sets their conditions is gone.',
  apply: `policy pods 'has(object.spec.readinessGates)' '[JSONPatch{op: "remove", path: "/spec/readinessGates"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: trial, namespace: default }
spec: { readinessGates: [{ conditionType: example.com/trial }], containers: [{ name: trial, image: trial }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.kind}={.spec.readinessGates}" | grep "^Pod=$"'`,
  mend: `unpolicy`,
  red: {
    'readiness-gate': { 'refused-while-unset': /"ready":true/ },
  },
  green: ['all-pods-with-label', 'conditions-decide'],
};

export default mutant;
