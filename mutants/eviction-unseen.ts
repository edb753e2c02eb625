import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Pod that has been evicted is still said to run.',
  how: 'A kubelet or a policy reports the wrong phase.',
  apply: String.raw`operations=UPDATE policy pods/status 'has(object.status.reason) && object.status.reason == "Evicted"' '[JSONPatch{op: "replace", path: "/status/phase", value: "Running"}]'
cat >/run/trial.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata: { name: trial, namespace: default }
spec: { schedulingGates: [{ name: example.com/trial }], containers: [{ name: trial, image: trial }] }
YAML
kubectl apply -f /run/trial.yaml
within 20 'kubectl -n default patch pod trial --subresource=status -p "{\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\"}}" --dry-run=server -o "jsonpath={.status.phase}" | grep Running'
kubectl -n default delete pod trial`,
  mend: `unpolicy`,
  red: {
    'evicted-pods-refused': { 'left-out-once-evicted': /^\["evicted"\]$/, 'refused-once-evicted': 'answered' },
  },
  green: ['readiness-gate', 'publish-not-ready'],
};

export default mutant;
