import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods end as soon as they are deleted.',
  how: 'A policy or a template strips the preStop hooks of containers.',
  apply: `policy pods 'has(object.spec.containers[0].lifecycle)' '[JSONPatch{op: "remove", path: "/spec/containers/0/lifecycle"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: trial, namespace: default }
spec: { containers: [{ name: trial, image: trial, lifecycle: { preStop: { exec: { command: [sleep, "1"] } } } }] }
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server -o "jsonpath={.kind}={.spec.containers[0].lifecycle}" | grep "^Pod=$"'`,
  mend: `unpolicy`,
  red: {
    'terminating-serves-alone': { 'deleted-pod': 'refused' },
    'publish-not-ready': { 'terminating-gets-its-share': /"answers":"ready"/ },
  },
  green: ['selector-links', 'conditions-decide'],
};

export default mutant;
